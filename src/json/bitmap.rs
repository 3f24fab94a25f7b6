//! Where the strings of a JSON text end: one bit a byte, 64 bytes a word, a window at a time. What is inside a string
//! (UTF-8, escapes, control characters) is validated here; what is outside belongs to `walk.rs`.
//!
//! The loops are written for the compiler's vectoriser: on x86-64 without any target feature (SSE2) they become
//! 16 lanes wide, and nothing in the common case looks at a single byte.

use super::{
    bytes,
    syntax::{Fault, SyntaxError},
};

/// Bytes in a block: one word of a bitmap.
const BLOCK: usize = 64;

/// Blocks in a window. 2 KiB of text hold a whole entity, and the bitmaps of a window stay small on a small stack.
const BLOCKS: usize = 32;

/// The bytes of a window.
const WINDOW: usize = BLOCK * BLOCKS;

/// Bytes that one vector register holds.
const LANES: usize = 16;

/// Bit `i` of word `b` is about byte `64 * b + i` of the window.
type Bitmap = [u64; BLOCKS];

/// The closing quotes of a text, in order, each found once.
///
/// A closing quote means here: the quote that ends a string if every quote in front of it, but for the escaped ones,
/// opens or closes one. That is so in every text up to its first error outside a string, and the walker stops there.
pub(crate) struct Strings<'t> {
    text: &'t [u8],
    /// The closing quotes of the window, and how many words it has.
    closings: Bitmap,
    blocks: usize,
    /// The words that are handed out, and where the window starts and ends in the text.
    handed_out: usize,
    window_start: usize,
    window_end: usize,
    /// What one window leaves to the next: all ones inside a string, 1 after an unfinished escape.
    inside: u64,
    escaped: u64,
    /// Up to where UTF-8 is validated: the window's end, or the start of a character that goes on after it.
    utf8_end: usize,
    /// Where a low surrogate is allowed: right after a high one.
    low_surrogate: usize,
    /// Whether a string that ends in the window can have a backslash.
    pub(crate) backslashes: bool,
    /// Whether one in any window so far can have one.
    pub(crate) any_backslashes: bool,
    /// The first error in a string. No closing quote after it is in the bitmap.
    fault: Option<Fault>,
}

/// The closing quotes of one block that are still to be handed out, and where the block starts. The walker holds them
/// outside of [`Strings`], so that they stay in registers.
pub(crate) struct Closings {
    word: u64,
    start: u32,
}

impl Closings {
    /// None: the next one is asked of the strings.
    pub(crate) const NONE: Closings = Closings { word: 0, start: 0 };

    /// The offset of the next closing quote.
    ///
    /// # Errors
    ///
    /// What is wrong with the string that the walker is in: it does not end, has a control character, an unknown
    /// escape, half a surrogate pair, or bytes that are not UTF-8.
    #[inline(always)]
    pub(crate) fn next(&mut self, strings: &mut Strings) -> Result<u32, Fault> {
        if self.word == 0 {
            *self = strings.next_block();
            if self.word == 0 {
                return Err(strings.error());
            }
        }
        let at = self.start.wrapping_add(self.word.trailing_zeros());
        self.word &= self.word.wrapping_sub(1);
        Ok(at)
    }
}

impl<'t> Strings<'t> {
    /// The strings of `text`, from `start` on, which is outside of any string.
    #[inline]
    pub(crate) fn new(text: &'t [u8], start: usize) -> Self {
        Strings {
            text,
            closings: [0; BLOCKS],
            blocks: 0,
            handed_out: 0,
            window_start: start,
            window_end: start,
            inside: 0,
            escaped: 0,
            utf8_end: start,
            low_surrogate: usize::MAX,
            backslashes: false,
            any_backslashes: false,
            fault: None,
        }
    }

    /// The next block that has a closing quote, or none.
    #[inline(never)]
    fn next_block(&mut self) -> Closings {
        // `% BLOCKS` changes nothing but shows that the index is inside.
        while self.handed_out < self.blocks {
            let block = self.handed_out;
            self.handed_out = block + 1;
            if self.closings[block % BLOCKS] != 0 {
                return Closings {
                    word: self.closings[block % BLOCKS],
                    start: (self.window_start + block * BLOCK) as u32,
                };
            }
        }
        self.next_window_block()
    }

    #[inline(never)]
    fn next_window_block(&mut self) -> Closings {
        while self.fault.is_none() && self.window_end < self.text.len() {
            self.next_window();
            if let Some(block) = self.closings[..self.blocks].iter().position(|&word| word != 0) {
                self.handed_out = block + 1;
                return Closings { word: self.closings[block], start: (self.window_start + block * BLOCK) as u32 };
            }
        }
        Closings::NONE
    }

    /// Why there are no more closing quotes.
    #[cold]
    fn error(&self) -> Fault {
        self.fault.unwrap_or(Fault::syntax(self.text.len(), SyntaxError::UnexpectedEnd))
    }

    /// Fills the bitmap for the next window; the text does not end in front of it.
    #[inline(never)]
    fn next_window(&mut self) {
        let start = self.window_end;
        let rest = &self.text[start..];
        let window = &rest[..rest.len().min(WINDOW)];
        self.window_start = start;
        self.window_end = start + window.len();
        self.blocks = window.len().div_ceil(BLOCK);
        self.handed_out = 0;

        let (full, tail) = window.split_at(window.len() / BLOCK * BLOCK);
        let mut last = [b' '; BLOCK];
        last[..tail.len()].copy_from_slice(tail);
        let last = if tail.is_empty() { &[][..] } else { &last };

        let mut lanes = [[0; LANES]; BLOCKS];
        let mut seen = Seen::default();
        seen.mark_quotes(full, &mut lanes);
        seen.mark_quotes(last, &mut lanes[full.len() / BLOCK..]);
        in_order(&lanes, &mut self.closings[..self.blocks]);

        // A string that began in the window before may have its backslashes there.
        self.backslashes = seen.backslash() || self.backslashes && self.inside != 0;
        let mut escapes = [0; BLOCKS];
        if self.backslashes {
            self.any_backslashes = true;
            mark(full, &mut lanes, |byte| byte == b'\\');
            mark(last, &mut lanes[full.len() / BLOCK..], |byte| byte == b'\\');
            in_order(&lanes, &mut escapes[..self.blocks]);
            for (quotes, escapes) in self.closings.iter_mut().zip(&mut escapes).take(self.blocks) {
                *quotes &= !split_escapes(escapes, &mut self.escaped);
            }
        }

        // The words hold all quotes now.
        let mut strings = [0; BLOCKS];
        for (strings, quotes) in strings.iter_mut().zip(&self.closings).take(self.blocks) {
            *strings = prefix_xor(*quotes);
        }
        let mut inside = self.inside;
        for (strings, quotes) in strings.iter_mut().zip(&mut self.closings).take(self.blocks) {
            *strings ^= inside;
            inside = ((*strings as i64) >> 63) as u64;
            *quotes &= !*strings;
        }
        self.inside = inside;

        if self.backslashes {
            self.check_escapes(start, &escapes, &strings);
        }
        if seen.control() {
            mark(full, &mut lanes, |byte| byte < b' ');
            mark(last, &mut lanes[full.len() / BLOCK..], |byte| byte < b' ');
            let mut controls = [0; BLOCKS];
            in_order(&lanes, &mut controls[..self.blocks]);
            self.check_controls(start, &controls, &strings);
        }
        if seen.not_ascii() || self.utf8_end != start {
            self.check_utf8();
        } else {
            self.utf8_end = self.window_end;
        }
        if let Some(fault) = self.fault {
            self.cut(fault.offset.saturating_sub(start));
        }
    }

    /// Notes an error inside a string.
    #[cold]
    fn fail(&mut self, offset: usize, reason: SyntaxError) {
        Fault::syntax(offset, reason).note(&mut self.fault);
    }

    /// Forgets the closing quotes from `offset` in the window on.
    #[cold]
    fn cut(&mut self, offset: usize) {
        let block = offset / BLOCK;
        self.closings[block] &= (1 << (offset % BLOCK)) - 1;
        self.blocks = block + 1;
    }

    /// A control character in a string must be escaped (RFC 8259 section 7). Outside of strings it may be white space.
    fn check_controls(&mut self, start: usize, controls: &Bitmap, strings: &Bitmap) {
        for block in 0..self.blocks {
            let found = controls[block] & strings[block];
            if found != 0 {
                let offset = start + block * BLOCK + found.trailing_zeros() as usize;
                return self.fail(offset, SyntaxError::ControlCharacter);
            }
        }
    }

    /// An escape is one of eight characters or `u` and four hexadecimal digits (RFC 8259 section 7); a surrogate
    /// means nothing without its other half (section 8.2), and no Rust string could hold it.
    fn check_escapes(&mut self, start: usize, escapes: &Bitmap, strings: &Bitmap) {
        for block in 0..self.blocks {
            let mut rest = escapes[block] & strings[block];
            while rest != 0 {
                let at = start + block * BLOCK + rest.trailing_zeros() as usize;
                rest &= rest - 1;
                match self.text.get(at + 1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                    Some(b'u') => {
                        if let Err(reason) = self.check_code_unit(at) {
                            return self.fail(at, reason);
                        }
                    }
                    Some(_) => return self.fail(at, SyntaxError::InvalidEscape),
                    // The string does not end either, and `error` says so.
                    None => return,
                }
            }
        }
    }

    /// Checks the `\uXXXX` at `at`. One that the end of the text cuts off passes: its string does not end either.
    fn check_code_unit(&mut self, at: usize) -> Result<(), SyntaxError> {
        match code_unit(self.text, at) {
            Some(0xD800..=0xDBFF) => match code_unit(self.text, at + 6) {
                Some(0xDC00..=0xDFFF) => self.low_surrogate = at + 6,
                None if is_cut_off(self.text, at + 6) => {}
                _ => return Err(SyntaxError::LoneSurrogate),
            },
            Some(0xDC00..=0xDFFF) if at != self.low_surrogate => return Err(SyntaxError::LoneSurrogate),
            None if !is_cut_off(self.text, at) => return Err(SyntaxError::InvalidEscape),
            _ => {}
        }
        Ok(())
    }

    /// JSON text is UTF-8 (RFC 8259 section 8.1). Validates up to the last character that starts and ends in the
    /// window.
    fn check_utf8(&mut self) {
        let mut end = self.window_end;
        if end < self.text.len() {
            // A character has up to four bytes: one that has fewer here may go on, and is left to the next window.
            end -= match self.text[self.utf8_end..end] {
                [.., 0xC0..=0xFF, 0x80..=0xBF, 0x80..=0xBF] => 3,
                [.., 0xC0..=0xFF, 0x80..=0xBF] => 2,
                [.., 0xC0..=0xFF] => 1,
                _ => 0,
            };
        }
        let bytes = &self.text[self.utf8_end..end];
        if simdutf8::basic::from_utf8(bytes).is_ok() {
            self.utf8_end = end;
        } else if let Err(error) = std::str::from_utf8(bytes) {
            let reason = match error.error_len() {
                Some(_) => SyntaxError::InvalidUtf8,
                None => SyntaxError::UnexpectedEnd,
            };
            self.fail(self.utf8_end + error.valid_up_to(), reason);
        }
    }
}

/// Which bytes that need a closer look occur in some blocks: for each lane the or of all that are equal to a backslash,
/// the least byte, and the or of all bytes.
struct Seen {
    backslash: [u8; LANES],
    least: [u8; LANES],
    any: [u8; LANES],
}

impl Default for Seen {
    fn default() -> Self {
        Seen { backslash: [0; LANES], least: [0xFF; LANES], any: [0; LANES] }
    }
}

impl Seen {
    fn backslash(&self) -> bool {
        self.backslash != [0; LANES]
    }

    fn control(&self) -> bool {
        self.least.iter().any(|&byte| byte < b' ')
    }

    fn not_ascii(&self) -> bool {
        self.any.iter().any(|&byte| byte >= 0x80)
    }

    /// Marks the quotes as [`mark`] does, and notes the other bytes in passing.
    #[inline(never)]
    fn mark_quotes(&mut self, blocks: &[u8], rows: &mut [[u8; LANES]]) {
        let Seen { mut backslash, mut least, mut any } = *self;
        for (block, row) in bytes::chunks::<BLOCK>(blocks).0.zip(rows) {
            for lane in 0..LANES {
                let bytes = [block[lane], block[16 + lane], block[32 + lane], block[48 + lane]];
                row[lane] = answers(bytes.map(|byte| byte == b'"'));
                backslash[lane] |= bytes.iter().fold(0, |all, &byte| all | if byte == b'\\' { 0xFF } else { 0 });
                least[lane] = bytes.iter().fold(least[lane], |least, &byte| least.min(byte));
                any[lane] |= bytes.iter().fold(0, |all, &byte| all | byte);
            }
        }
        *self = Seen { backslash, least, any };
    }
}

/// Asks `is` about every byte. Bits 0, 2, 4 and 6 of lane `l` of a block's row are the answers for its bytes `l`, `16 +
/// l`, `32 + l` and `48 + l`; [`in_order`] brings them into the order of the text.
///
/// In this order four comparisons, ands and ors are enough for 64 bytes. (SSE2 has an instruction for the text's order,
/// but calling it needs `unsafe`.)
#[inline(never)]
fn mark(blocks: &[u8], rows: &mut [[u8; LANES]], is: impl Fn(u8) -> bool + Copy) {
    for (block, row) in bytes::chunks::<BLOCK>(blocks).0.zip(rows) {
        for lane in 0..LANES {
            let bytes = [block[lane], block[16 + lane], block[32 + lane], block[48 + lane]];
            row[lane] = answers(bytes.map(is));
        }
    }
}

#[inline(always)]
fn answers([first, second, third, fourth]: [bool; 4]) -> u8 {
    let bit = |answer, bit| if answer { bit } else { 0 };
    bit(first, 1) | bit(second, 1 << 2) | bit(third, 1 << 4) | bit(fourth, 1 << 6)
}

/// The bitmap of a window from its rows.
#[inline(never)]
fn in_order(rows: &[[u8; LANES]], bitmap: &mut [u64]) {
    for (row, word) in rows.iter().zip(bitmap) {
        let (even, odd) = row.split_at(LANES / 2);
        let half = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        // Now bit `r` of byte `c` is the answer for byte `8 * r + c`.
        *word = transpose(half(even) | half(odd) << 1);
    }
}

/// Transposes a matrix of 8 by 8 bits, a byte a row: three rounds of swapping ever larger squares.
#[inline(always)]
fn transpose(mut matrix: u64) -> u64 {
    for (shift, squares) in [(7, 0x00AA_00AA_00AA_00AA), (14, 0x0000_CCCC_0000_CCCC), (28, 0x0000_0000_F0F0_F0F0)] {
        let swap = (matrix ^ (matrix >> shift)) & squares;
        matrix ^= swap | (swap << shift);
    }
    matrix
}

/// Bit `i` is the exclusive or of the bits up to `i`: with the quotes of a block, whether byte `i` is in a string. An
/// opening quote is, a closing one is not.
#[inline(always)]
fn prefix_xor(mut word: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        word ^= word << shift;
    }
    word
}

/// Leaves in `backslashes` the ones that start an escape and returns the characters that are escaped. `carry` is 1
/// where the block's first byte is escaped by the block before.
///
/// A subtraction tells odd runs of backslashes from even ones, for all runs at once, as in simdjson.
fn split_escapes(backslashes: &mut u64, carry: &mut u64) -> u64 {
    const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
    let candidates = *backslashes & !*carry;
    let runs = ((candidates << 1) | ODD).wrapping_sub(candidates) ^ ODD;
    let escaped = runs ^ (*backslashes | *carry);
    *backslashes &= runs;
    *carry = *backslashes >> 63;
    escaped
}

/// The code unit of the `\uXXXX` at `at`.
pub(crate) fn code_unit(text: &[u8], at: usize) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = text.get(at..)?.first_chunk::<6>()? else {
        return None;
    };
    digits.iter().try_fold(0, |unit: u16, &digit| Some(unit << 4 | char::from(digit).to_digit(16)? as u16))
}

/// Whether the text ends inside of a `\uXXXX` at `at`, or right in front of one. It has no whole one there.
fn is_cut_off(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().enumerate().all(|(index, byte)| match index {
        0 => *byte == b'\\',
        1 => *byte == b'u',
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_in_the_order_of_the_text() {
        let mut state = 1_u64;
        for _ in 0..100 {
            let blocks = [[0; BLOCK]; 3].map(|block| {
                block.map(|_: u8| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    b"\"\\x "[(state >> 62) as usize]
                })
            });
            let expected = |is: fn(u8) -> bool| {
                blocks.map(|block| (0..BLOCK).map(|at| u64::from(is(block[at])) << at).sum::<u64>())
            };
            let (mut rows, mut words) = ([[0; LANES]; 3], [0; 3]);
            mark(blocks.as_flattened(), &mut rows, |byte| byte == b'\\');
            in_order(&rows, &mut words);
            assert_eq!(words, expected(|byte| byte == b'\\'));

            let mut seen = Seen::default();
            seen.mark_quotes(blocks.as_flattened(), &mut rows);
            in_order(&rows, &mut words);
            assert_eq!(words, expected(|byte| byte == b'"'));
            assert!(seen.backslash() && !seen.control() && !seen.not_ascii());
        }
    }

    #[test]
    fn rare_bytes_are_seen_wherever_they_are() {
        // Alone, or with another one in the same lane.
        for (at, apart) in (0..2 * BLOCK).flat_map(|at| [0, 16, 32].map(|apart| (at, apart))) {
            for (byte, rare) in [(b'\\', 0), (0x1F, 1), (0x80, 2), (0xFF, 2), (0x7F, 3), (b' ', 3)] {
                let mut blocks = [[b'x'; BLOCK]; 2];
                blocks[at / BLOCK][at % BLOCK] = byte;
                blocks[at / BLOCK][(at + apart) % BLOCK] = byte;
                let mut seen = Seen::default();
                seen.mark_quotes(blocks.as_flattened(), &mut [[0; LANES]; 2]);
                assert_eq!([seen.backslash(), seen.control(), seen.not_ascii()], [rare == 0, rare == 1, rare == 2]);
            }
        }
    }

    #[test]
    fn a_window_tells_whether_a_backslash_is_in_its_strings() {
        assert_eq!(size_of::<Bitmap>() * 8, WINDOW, "a bit for each byte");
        let rows: [(&[_], &[_]); 3] = [
            (&[(r#""a\n""#, " "), (r#""b""#, " ")], &[true, false]),
            (&[(r#""a\n"#, "x"), ("\"", " "), (r#""b""#, " ")], &[true, false]),
            (&[("\"a", "x"), ("\"", " ")], &[false]),
        ];
        for (windows, expected) in rows {
            let text: String =
                windows.iter().map(|(start, fill)| start.to_string() + &fill.repeat(WINDOW - start.len())).collect();
            let (mut strings, mut closings) = (Strings::new(text.as_bytes(), 0), Closings::NONE);
            for &backslashes in expected {
                closings.next(&mut strings).expect("a string");
                assert_eq!(strings.backslashes, backslashes, "{windows:?}");
            }
        }
    }

    #[test]
    fn escapes_are_split_as_one_by_one() {
        for seed in 0..2_000_u64 {
            let all = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | seed.rotate_right(9) | (seed << 50);
            for carry in [0, 1] {
                let (mut starts, mut escaped, mut is_escaped) = (0, 0, carry == 1);
                for bit in (0..64).map(|place| 1 << place) {
                    if is_escaped {
                        escaped |= bit;
                        is_escaped = false;
                    } else if all & bit != 0 {
                        starts |= bit;
                        is_escaped = true;
                    }
                }
                let (mut backslashes, mut carried) = (all, carry);
                assert_eq!(split_escapes(&mut backslashes, &mut carried), escaped);
                assert_eq!((backslashes, carried), (starts, u64::from(is_escaped)));
            }
        }
    }
}
