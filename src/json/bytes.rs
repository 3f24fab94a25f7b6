//! Bytes of a text, eight at a time: for short strings, where a call or a loop over single bytes costs more than the
//! answer. What the bytes mean is not known here.

/// One byte, eight times.
pub(crate) const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

const HIGHS: u64 = eight(0x80);

/// Eight bytes, the first one lowest.
#[inline(always)]
pub(crate) fn word(bytes: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*bytes)
}

/// A text in pieces of `N` bytes, and what is left over.
#[inline(always)]
pub(crate) fn chunks<const N: usize>(text: &[u8]) -> (impl Iterator<Item = &[u8; N]>, &[u8]) {
    let chunks = text.chunks_exact(N);
    let rest = chunks.remainder();
    (chunks.filter_map(|chunk| chunk.first_chunk()), rest)
}

/// At most eight bytes, the first one lowest, followed by zeros.
#[inline(always)]
pub(crate) fn padded(text: &[u8]) -> u64 {
    let four = |bytes: [u8; 4]| u64::from(u32::from_le_bytes(bytes));
    match (text, text.first_chunk(), text.last_chunk()) {
        (_, Some(first), Some(last)) => four(*first) | four(*last) << (8 * (text.len() - 4)),
        (&[first, second, third], ..) => four([first, second, third, 0]),
        (&[first, second], ..) => four([first, second, 0, 0]),
        (&[only], ..) => u64::from(only),
        _ => 0,
    }
}

/// Whether something is found in any eight bytes of a text; a shorter one is followed by spaces.
#[inline(always)]
pub(crate) fn any(text: &[u8], find: impl Fn(u64) -> u64) -> bool {
    match text.last_chunk() {
        Some(last) => chunks(text).0.any(|chunk| find(word(chunk)) != 0) || find(word(last)) != 0,
        None => find(padded(text) | eight(b' ') << (8 * text.len())) != 0,
    }
}

/// Where the bytes above 0x7F are in a word.
#[inline(always)]
pub(crate) fn above_ascii(word: u64) -> u64 {
    word & HIGHS
}

/// Where the first such byte is in a word: its high bit is set, and no bit below it. What is above means nothing.
#[inline(always)]
pub(crate) fn first(word: u64, byte: u8) -> u64 {
    first_below(word ^ eight(byte), 1)
}

/// As [`first`], for the first byte below a limit, which is at most 0x80.
#[inline(always)]
pub(crate) fn first_below(word: u64, limit: u8) -> u64 {
    // Subtracting from a byte borrows into its high bit if the byte is smaller. Only what lies above such a byte can be
    // wrong, and a byte that has its high bit already is none.
    word.wrapping_sub(eight(limit)) & !word & HIGHS
}

/// As [`first`], for the first byte that a JSON string has only in an escape (RFC 8259 section 7): a quote, a backslash or
/// a control character.
#[inline(always)]
pub(crate) fn first_special(word: u64) -> u64 {
    // With this bit flipped the quote comes right after the control characters, and what came there is elsewhere.
    first_below(word ^ eight(0x02), 0x21) | first(word, b'\\')
}

/// How many bytes come before the first one that was found in a word; eight if none was.
#[inline(always)]
pub(crate) fn before(found: u64) -> usize {
    found.trailing_zeros() as usize / 8
}

/// Whether two texts are equal, quickly if they are no longer than a name usually is.
#[inline(always)]
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    match (left.first_chunk::<8>(), right.first_chunk::<8>()) {
        (Some(first), Some(other)) if left.len() <= 16 => {
            first == other && left.last_chunk::<8>() == right.last_chunk()
        }
        (None, None) => match (left.first_chunk::<4>(), right.first_chunk::<4>()) {
            (Some(first), Some(other)) => first == other && left.last_chunk::<4>() == right.last_chunk(),
            _ => left.iter().eq(right),
        },
        _ => left == right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_where_it_is_first() {
        for byte in [0, 1, 0x1F, b'"', b'/', b'\\', 0x7F, 0x80, 0xFF] {
            for other in [0_u8, 1, b' ', b'!', b'#', b'^', 0x7F, 0x80, 0xFF] {
                for place in 0..8 {
                    let mut bytes = [other; 8];
                    bytes[place] = byte;
                    let position = bytes.iter().position(|&found| found == byte);
                    assert_eq!(Some(before(first(word(&bytes), byte))), position, "{byte} at {place} among {other}");
                    let special = bytes.iter().position(|found| matches!(found, b'"' | b'\\' | 0..0x20)).unwrap_or(8);
                    assert_eq!(before(first_special(word(&bytes))), special, "in {bytes:?}");
                    let foreign = bytes.iter().position(|found| !found.is_ascii()).unwrap_or(8);
                    assert_eq!(before(above_ascii(word(&bytes))), foreign, "in {bytes:?}");
                    for limit in [1, 0x20, 0x21, 0x80] {
                        let position = bytes.iter().position(|&found| found < limit).unwrap_or(8);
                        assert_eq!(before(first_below(word(&bytes), limit)), position, "below {limit} in {bytes:?}");
                    }
                }
            }
        }
        assert_eq!(first(word(b"abcdefgh"), b'x'), 0);
    }

    #[test]
    fn a_short_text_is_padded() {
        let text = *b"\x01\xFF345678";
        for length in 0..=text.len() {
            let mut bytes = [0; 8];
            bytes[..length].copy_from_slice(&text[..length]);
            assert_eq!(padded(&text[..length]), word(&bytes), "{length} bytes");
        }
    }

    #[test]
    fn a_byte_is_seen_wherever_it_is() {
        for length in 0..30 {
            let mut text = vec![b'a'; length];
            assert!(!any(&text, |word| first(word, b'~') | first_special(word)));
            for place in 0..length {
                text[place] = b'~';
                assert!(any(&text, |word| first(word, b'~')), "{length} bytes, at {place}");
                text[place] = b'a';
            }
        }
    }

    #[test]
    fn texts_are_the_same_at_every_length() {
        for length in 0..40 {
            let text: Vec<u8> = (0..length).collect();
            assert!(same(&text, &text.clone()));
            assert!(!same(&text, &[&text[..], b"x"].concat()));
            for place in 0..text.len() {
                let mut other = text.clone();
                other[place] ^= 0x20;
                assert!(!same(&text, &other), "{length} bytes, another one at {place}");
            }
        }
    }
}
