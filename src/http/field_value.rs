//! The syntax that the values of header fields share (RFC 9110 section 5.6): lists, parameters and quoted strings.

use std::borrow::Cow;

/// The parts of a value between separators, none of which counts inside a quoted string, without the white space around
/// them.
pub(super) fn split(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let parts = value.split(move |character| {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            _ => return !is_quoted && character == separator,
        }
        false
    });
    parts.map(trim)
}

/// A parameter or a preference: `name=value`, where the value may be a quoted string. `None` where it has no value.
pub(super) fn parameter(text: &str) -> Option<(&str, Cow<'_, str>)> {
    let (name, value) = text.split_once('=')?;
    Some((trim(name), unquoted(trim(value))))
}

fn unquoted(value: &str) -> Cow<'_, str> {
    let Some(quoted) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else { return value.into() };
    if !quoted.contains('\\') {
        return quoted.into();
    }
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    text.into()
}

/// Without optional white space, which is spaces and tabs (RFC 9110 section 5.6.3).
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
