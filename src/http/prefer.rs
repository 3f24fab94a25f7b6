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
/// ```
pub fn prefers_minimal<'h>(lines: impl IntoIterator<Item = &'h str>) -> bool {
    let mut preferences = lines.into_iter().flat_map(|line| line.split(',')).filter_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("return").then(|| value.trim().trim_matches('"'))
    });
    preferences.next().is_some_and(|value| value.eq_ignore_ascii_case("minimal"))
}
