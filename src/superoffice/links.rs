//! The links that a server adds to an entity in its responses.

use serde::Serialize;

/// `_Links`: where an entity lives, and the list that it is one of.
///
/// ```
/// use entity_patch::superoffice::Links;
///
/// let links = Links::new("https://www.example.com", "/api/v1/Webhook", 7);
/// assert_eq!(
///     serde_json::to_string(&links).unwrap(),
///     r#"{"Self":"https://www.example.com/api/v1/Webhook/7","Archive":"https://www.example.com/api/v1/Webhook"}"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Links {
    /// The entity.
    #[serde(rename = "Self")]
    pub itself: String,
    /// The entities of its kind.
    pub archive: String,
}

impl Links {
    /// The links of the entity that has this key: `origin` is the scheme and the host that the request was sent to,
    /// `archive` the path of the entities of this kind.
    pub fn new(origin: &str, archive: &str, key: impl std::fmt::Display) -> Links {
        let archive = format!("{origin}{archive}");
        Links { itself: format!("{archive}/{key}"), archive }
    }
}
