//! The parts of the layout of a JSON text: quotes, and the white space between its values.

use crate::json::{bytes, token::outside_strings};

/// The most white space that is taken over from a neighbour, in bytes. A stored text may hold a megabyte of it, and a
/// patch may add 10,000 neighbours.
const LAYOUT: usize = 256;

/// Writes a name in quotes, with the escapes that it needs.
pub(super) fn quoted(name: &str, written: &mut Vec<u8>) {
    written.push(b'"');
    if !bytes::any(name.as_bytes(), bytes::first_special) {
        written.extend_from_slice(name.as_bytes());
        written.push(b'"');
        return;
    }
    for character in name.chars() {
        match character {
            '"' | '\\' => written.extend([b'\\', character as u8]),
            '\0'..'\u{20}' => written.extend(format!("\\u{:04x}", u32::from(character)).bytes()),
            _ => written.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    written.push(b'"');
}

/// How many bytes of white space a text ends with.
pub(super) fn blanks_before(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| is_blank(byte)).count()
}

/// The white space at the end of a text, or nothing if it is more than a neighbour takes over.
pub(super) fn layout_before(text: &[u8]) -> &[u8] {
    match blanks_before(&text[text.len().saturating_sub(LAYOUT + 1)..]) {
        count if count <= LAYOUT => &text[text.len() - count..],
        _ => &[],
    }
}

pub(super) fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// The length of a value as compact JSON, given its text.
pub(super) fn compact_length(text: &[u8]) -> usize {
    let mut blanks = 0;
    outside_strings(text, |byte| blanks += usize::from(is_blank(&byte)));
    text.len() - blanks
}

/// A value without its white space, given its text.
pub(super) fn compact(text: &[u8], written: &mut Vec<u8>) {
    let mut is_inside = false;
    let mut is_escaped = false;
    for &byte in text {
        if is_inside || !is_blank(&byte) {
            written.push(byte);
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'"' => is_inside = !is_inside,
            b'\\' => is_escaped = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_takes_over_so_much_white_space() {
        for (blanks, taken) in [(0, 0), (1, 1), (LAYOUT, LAYOUT), (LAYOUT + 1, 0), (2 * LAYOUT, 0)] {
            for before in ["", ",", "[1, 2,"] {
                let text = format!("{before}{}", " ".repeat(blanks));
                assert_eq!(layout_before(text.as_bytes()).len(), taken, "{blanks} behind {before}");
            }
        }
    }

    #[test]
    fn what_stays_keeps_more_than_that() {
        let blanks = " ".repeat(LAYOUT + 1);
        let target = format!("[1,{blanks}2,{blanks}3]");
        let body = br#"[{"op":"remove","path":"/0"},{"op":"add","path":"/-","value":4}]"#;
        let patched = crate::patch_json(target.as_bytes(), body, crate::Format::JsonPatch, &crate::Dialect::RFC);
        assert_eq!(String::from_utf8_lossy(&patched.expect("it applies")), format!("[2,{blanks}3,4]"));
    }

    #[test]
    fn white_space_and_brackets_are_told_from_those_in_strings() {
        for (text, compacted, levels) in [
            ("1", "1", 0),
            ("\"[[ ]]\"", "\"[[ ]]\"", 0),
            ("[ ]", "[]", 1),
            (" [ 1,\t[\r\n] , {\"a \" : [[]]} ] ", "[1,[],{\"a \":[[]]}]", 4),
            (r#"[ "a \" ] [" , "\\" , [ "b c" ] ]"#, r#"["a \" ] [","\\",["b c"]]"#, 2),
        ] {
            let mut written = Vec::new();
            compact(text.as_bytes(), &mut written);
            assert_eq!(String::from_utf8_lossy(&written), compacted);
            assert_eq!(compact_length(text.as_bytes()), compacted.len(), "{text}");
            assert_eq!(crate::json::token::depth(text.trim().as_bytes()), levels, "{text}");
        }
    }

    #[test]
    fn a_name_has_the_escapes_that_it_needs() {
        for (name, text) in [
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("\"\\", r#""\"\\""#),
            ("\0\n\u{1F} \u{7F}é", "\"\\u0000\\u000a\\u001f \u{7F}é\""),
        ] {
            let mut written = Vec::new();
            quoted(name, &mut written);
            assert_eq!(String::from_utf8_lossy(&written), text);
        }
    }
}
