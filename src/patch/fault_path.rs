//! Where in a body a fault is, as a pointer: what a position in the text says to people, this says to programs.

use crate::{
    json::{
        string::{name_at, unescape},
        tape::{NO_NAME, Tape},
    },
    patch::pointer::Pointer,
};

/// The names and indices that lead from a recorded value to the member or element in which an offset of the text is.
/// `text` and `base` are what the value was recorded from.
pub(super) fn path_to(tape: &mut Tape, text: &[u8], base: u32, value: usize, offset: usize) -> Pointer {
    let address = base + offset as u32;
    let (mut path, mut place) = (Pointer::ROOT, value);
    while let Ok(children) = tape.expand(text, base, place) {
        let entries = &tape.entries()[children.clone()];
        let after = entries.partition_point(|entry| match entry.key {
            NO_NAME => entry.start <= address,
            key => key <= address,
        });
        let Some(index) = after.checked_sub(1).filter(|&index| address < entries[index].end) else { break };
        let entry = entries[index];
        match entry.key {
            NO_NAME => path.push_index(index),
            key => path.push(&unescape(name_at(&text[(key - base) as usize..]))),
        }
        place = children.start + index;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_in_one_member_or_element() {
        let text = r#" {"a" : [ 1, {"b/c": 2 , "\u0064": "xyz"} ] , "": {}}"#;
        let rows = [
            ("{\"a\"", ""),
            ("a\" :", "/a"),
            ("[ 1", "/a"),
            ("1,", "/a/0"),
            (", {\"b", "/a"),
            ("{\"b", "/a/1"),
            ("b/c", "/a/1/b~1c"),
            ("2 ,", "/a/1/b~1c"),
            ("\\u0064", "/a/1/d"),
            ("yz", "/a/1/d"),
            ("\": {}", "/"),
            ("{}}", "/"),
            ("} ]", "/a/1"),
        ];
        for blanks in [0, 300_000] {
            let text = format!("{}{text}", " ".repeat(blanks));
            let mut tape = Tape::new();
            let root = tape.record(text.as_bytes(), 9, 127).expect("JSON");
            for (at, path) in rows {
                let offset = text.find(at).expect("a place");
                assert_eq!(path_to(&mut tape, text.as_bytes(), 9, root, offset).as_str(), path, "{at}");
            }
        }
    }
}
