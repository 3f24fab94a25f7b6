//! Names of members as names of elements, as .NET's `XmlConvert` encodes them: `_x0020_` is a space. Beyond ASCII
//! everything is encoded, so that no table of characters is needed; the empty name is `_x_`.

/// The name of the element for a member.
pub fn encode(name: &str) -> String {
    if name.is_empty() {
        return "_x_".to_owned();
    }
    let mut encoded = String::with_capacity(name.len());
    for (offset, character) in name.char_indices() {
        let is_plain = match character {
            '_' => !name[offset + 1..].starts_with('x'),
            'A'..='Z' | 'a'..='z' => true,
            '0'..='9' | '-' | '.' => offset > 0,
            _ => false,
        };
        match u32::from(character) {
            _ if is_plain => encoded.push(character),
            code @ 0..0x10000 => encoded.push_str(&format!("_x{code:04X}_")),
            code => encoded.push_str(&format!("_x{code:08X}_")),
        }
    }
    encoded
}

/// The name of the member for an element; what only looks like an encoding stays as it is.
pub fn decode(name: &str) -> String {
    if name == "_x_" {
        return String::new();
    }
    let mut decoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(start) = rest.find("_x") {
        let (before, code) = rest.split_at(start);
        decoded.push_str(before);
        let character = code[2..].find('_').and_then(|length| {
            let digits = code.get(2..2 + length)?;
            let is_code = matches!(length, 4 | 8) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            let character = is_code.then(|| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32))??;
            Some((character, length + 3))
        });
        rest = match character {
            Some((character, length)) => {
                decoded.push(character);
                &code[length..]
            }
            None => {
                decoded.push_str("_x");
                &code[2..]
            }
        };
    }
    decoded.push_str(rest);
    decoded
}

/// Whether it can be the name of an element (XML 1.0 section 2.3). Beyond ASCII anything can.
pub fn is_name(name: &str) -> bool {
    let is_start = |character: char| character.is_ascii_alphabetic() || character == '_' || !character.is_ascii();
    let is_inside = |character: char| is_start(character) || matches!(character, '0'..='9' | '-' | '.');
    name.starts_with(is_start) && name.chars().all(is_inside)
}
