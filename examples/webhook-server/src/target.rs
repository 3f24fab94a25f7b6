//! What the path and the query of a request name. Paths are matched without regard to case.

use entity_patch::superoffice::Selection;

use crate::form;

/// The list of webhooks, and what stands before an id.
pub const ARCHIVE: &str = "/api/v1/Webhook";

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `/api/v1/Webhook/{id}`; the id is above 0 and need not exist.
    Webhook(i32),
    /// `/api/v1/Agents/Webhook/SaveWebhook`
    SaveWebhook,
}

impl Target {
    /// `None` for a path that this API does not have.
    pub fn of(path: &str) -> Option<Target> {
        let path = form::percent_decoded(path)?;
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let is_like = |segments: &[&str], pattern: &[&str]| {
            segments.len() == pattern.len()
                && segments.iter().zip(pattern).all(|(segment, pattern)| segment.eq_ignore_ascii_case(pattern))
        };
        match segments[..] {
            _ if is_like(&segments, &["api", "v1", "agents", "webhook", "savewebhook"]) => Some(Target::SaveWebhook),
            [ref parents @ .., id] if is_like(parents, &["api", "v1", "webhook"]) => Some(Target::Webhook(id_of(id)?)),
            _ => None,
        }
    }

    /// The methods that it takes, as `Allow` lists them.
    pub fn allow(self) -> &'static str {
        match self {
            Target::Webhook(_) => "GET, HEAD, OPTIONS, PATCH, PUT",
            Target::SaveWebhook => "OPTIONS, POST",
        }
    }
}

/// An id is written one way only: digits without a leading zero.
fn id_of(text: &str) -> Option<i32> {
    let is_canonical = matches!(text.as_bytes(), [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit));
    if is_canonical { text.parse().ok() } else { None }
}

/// What `$select` asks for; several are one list.
pub fn selection(query: Option<&str>) -> Selection {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let is_select = form::decoded(name)?.eq_ignore_ascii_case("$select");
        if is_select { form::decoded(value) } else { None }
    });
    Selection::parse(&pairs.collect::<Vec<String>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_without_regard_to_case() {
        let rows = [
            ("/api/v1/Webhook/7", Some(Target::Webhook(7))),
            ("/API/V1/WEBHOOK/2147483647", Some(Target::Webhook(i32::MAX))),
            ("/api/v1/webhook/%37", Some(Target::Webhook(7))),
            ("/api/v1/agents/WEBHOOK/saveWebhook", Some(Target::SaveWebhook)),
            ("/api/v1/Webhook/2147483648", None),
            ("/api/v1/Webhook/0", None),
            ("/api/v1/Webhook/07", None),
            ("/api/v1/Webhook/+7", None),
            ("/api/v1/Webhook/-7", None),
            ("/api/v1/Webhook/7/", None),
            ("/api/v1/Webhook/", None),
            ("/api/v1/Webhook", None),
            ("/api/v2/Webhook/7", None),
            ("/api/v1/Webhook/%FF", None),
            ("//api/v1/Webhook/7", None),
            ("*", None),
            ("", None),
        ];
        for (path, expected) in rows {
            assert_eq!(Target::of(path), expected, "{path}");
        }
    }

    #[test]
    fn the_selection_is_read_from_the_query() {
        let rows = [
            (None, ""),
            (Some(""), ""),
            (Some("$select="), ""),
            (Some("$select=name,events"), "name,events"),
            (Some("a=b&%24Select=name%2Cheaders%2Fx-key&c"), "name,headers/x-key"),
            (Some("$select=name&$select=events"), "name,events"),
            (Some("select=name"), ""),
        ];
        for (query, list) in rows {
            assert_eq!(selection(query), Selection::parse(list), "{query:?}");
        }
    }
}
