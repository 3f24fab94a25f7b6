//! Which format a request's body has, and which one its answer may have.

use axum::http::{HeaderMap, header};
use entity_patch::{
    Format,
    http::{RequestHead, UnsupportedMediaType, accepted},
};

/// The format of an entity in a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Json,
    Xml,
    Form,
}

/// What PUT and SaveWebhook read, for the `Accept` of a 415 (RFC 9110 section 15.5.16).
pub const READABLE: &str = "application/json, text/json, application/xml, text/xml, application/x-www-form-urlencoded";

/// The format that a request's headers name, JSON where they name none.
///
/// # Errors
///
/// The body cannot be read: 415.
pub fn sent(headers: &HeaderMap) -> Result<Sent, UnsupportedMediaType> {
    const TYPES: [(&str, Sent); 3] =
        [("application/xml", Sent::Xml), ("text/xml", Sent::Xml), ("application/x-www-form-urlencoded", Sent::Form)];
    let unsupported = match RequestHead::from(headers).format() {
        Ok(Format::ByShape) => return Ok(Sent::Json),
        Ok(Format::JsonPatch | Format::MergePatch) => UnsupportedMediaType::MediaType,
        Err(unsupported) => unsupported,
    };
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    match (unsupported, types.next(), types.next()) {
        (UnsupportedMediaType::MediaType, Some(value), None) => {
            let media_type = value.to_str().ok().and_then(|value| value.split(';').next()).unwrap_or_default().trim();
            let row = TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(media_type));
            row.map(|&(_, sent)| sent).ok_or(unsupported)
        }
        _ => Err(unsupported),
    }
}

/// The format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub is_xml: bool,
    pub content_type: &'static str,
}

/// What can be answered, the server's favourites first. The API's documents list the types of patches too: who asks
/// for one gets JSON.
const OFFERS: [&str; 6] = [
    "application/json",
    "text/json",
    "application/xml",
    "text/xml",
    "application/json-patch+json",
    "application/merge-patch+json",
];

/// The format that `Accept` likes best, JSON where there is none; `None` where it likes nothing that there is.
pub fn shown(headers: &HeaderMap) -> Option<Shown> {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    Some(match OFFERS[accepted(lines, &OFFERS)?] {
        "text/json" => Shown { is_xml: false, content_type: "text/json; charset=utf-8" },
        "application/xml" => Shown { is_xml: true, content_type: "application/xml; charset=utf-8" },
        "text/xml" => Shown { is_xml: true, content_type: "text/xml; charset=utf-8" },
        _ => Shown { is_xml: false, content_type: "application/json; charset=utf-8" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_chooses_the_format() {
        let rows = [
            (&[][..], Some("application/json")),
            (&["application/json; charset=utf-8"], Some("application/json")),
            (&["*/*"], Some("application/json")),
            (&["text/*"], Some("text/json")),
            (&["text/xml"], Some("text/xml")),
            (&["APPLICATION/XML"], Some("application/xml")),
            (&["application/xml, application/json"], Some("application/json")),
            (&["application/xml", "application/json;q=0.9"], Some("application/xml")),
            (&["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], Some("application/xml")),
            (&["*/*, application/json;q=0"], Some("text/json")),
            (&["application/merge-patch+json"], Some("application/json")),
            (&["text/html"], None),
            (&["application/json;q=0"], None),
            (&["application/json;q=0.0001, text/html"], None),
            (&["nonsense"], Some("application/json")),
            (&[""], Some("application/json")),
        ];
        for (lines, expected) in rows {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::ACCEPT, line.parse().unwrap());
            }
            let chosen = shown(&headers).map(|shown| shown.content_type.split(';').next().unwrap());
            assert_eq!(chosen, expected, "{lines:?}");
        }
    }
}
