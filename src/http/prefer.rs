//! Whether a client wants the entity back (RFC 7240).

/// Whether the lines of a request's `Prefer` header ask for `return=minimal` (RFC 7240 section 4.2): the answer to a
/// change is then 204 with `Preference-Applied: return=minimal`, and without a body.
///
/// Names and values in any case, parameters ignored; of two `return`s the first counts (section 2).
///
/// ```
/// use entity_patch::http::prefers_minimal;
///
/// assert!(prefers_minimal(["respond-async", "wait=10, Return=\"minimal\"; why=small"]));
/// assert!(!prefers_minimal(["return=representation, return=minimal"]));
/// assert!(!prefers_minimal(["note=\"a, return=minimal\""]));
/// ```
pub fn prefers_minimal<'h>(lines: impl IntoIterator<Item = &'h str>) -> bool {
    let mut preferences = lines.into_iter().flat_map(|line| split(line, ',')).filter_map(|preference| {
        let (name, value) = split(preference, ';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("return").then(|| unquoted(value.trim()))
    });
    preferences.next().is_some_and(|value| value.eq_ignore_ascii_case("minimal"))
}

/// The parts of a header's value between separators, none of which counts in a quoted string (RFC 9110 section 5.6.4).
fn split(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    value.split(move |character| {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            _ => return !is_quoted && character == separator,
        }
        false
    })
}

fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}
