//! Which format a request's body has, and which one its answer may have.

use axum::http::{HeaderMap, header};
use entity_patch::http::{ProblemDetails, RequestHead, UnsupportedMediaType, accepted};

/// The format of an entity in a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Json,
    Xml,
    Form,
}

/// What PUT and SaveWebhook read, for the `Accept` of a 415 (RFC 9110 section 15.5.16). The API's documents list the two
/// types of patches too: there they are the JSON of an entity.
pub const READABLE: &str = "application/json, text/json, application/xml, text/xml, \
                            application/x-www-form-urlencoded, application/json-patch+json, application/merge-patch+json";

/// What GetAllWebhooks reads: its filters are no webhook.
pub const READABLE_FILTERS: &str = "application/json, text/json";

/// The format that a request's headers name, JSON where they name none.
///
/// # Errors
///
/// 415: it is not one of `readable`.
pub fn sent(headers: &HeaderMap, readable: &'static str) -> Result<Sent, ProblemDetails> {
    const TYPES: [(&str, Sent); 3] =
        [("application/xml", Sent::Xml), ("text/xml", Sent::Xml), ("application/x-www-form-urlencoded", Sent::Form)];
    let unsupported = match RequestHead::from(headers).format() {
        Ok(_) => return Ok(Sent::Json),
        Err(UnsupportedMediaType::MediaType) => {
            let detail = format!("the body has to be one of {readable}");
            ProblemDetails::new(415, "unsupported-media-type", detail).with_header("accept", readable)
        }
        Err(error) => return Err(error.into()),
    };
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(Ok(value)), None) = (types.next().map(|value| value.to_str()), types.next()) else {
        return Err(unsupported);
    };
    let mut parts = value.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let row = TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(media_type) && readable.contains(name));
    let &(_, sent) = row.ok_or(unsupported)?;
    let is_other = |parameter: &str| {
        parameter
            .to_ascii_lowercase()
            .strip_prefix("charset=")
            .is_some_and(|charset| !matches!(charset.trim_matches('"'), "utf-8" | "us-ascii"))
    };
    if parts.any(is_other) { Err(UnsupportedMediaType::Charset.into()) } else { Ok(sent) }
}

/// The format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub is_xml: bool,
    pub content_type: &'static str,
}

/// What can be answered, the server's favourites first. Who asks for the type of a patch gets JSON.
const OFFERS: [&str; 6] = [
    "application/json",
    "text/json",
    "application/xml",
    "text/xml",
    "application/json-patch+json",
    "application/merge-patch+json",
];

/// The format that `Accept` likes best, JSON where there is none.
///
/// # Errors
///
/// 406: it likes nothing that there is.
pub fn shown(headers: &HeaderMap) -> Result<Shown, ProblemDetails> {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let refused = || {
        let detail = "answers are application/json, text/json, application/xml or text/xml";
        ProblemDetails::new(406, "not-acceptable", detail)
    };
    Ok(match OFFERS[accepted(lines, &OFFERS).ok_or_else(refused)?] {
        "text/json" => Shown { is_xml: false, content_type: "text/json; charset=utf-8" },
        "application/xml" => Shown { is_xml: true, content_type: "application/xml; charset=utf-8" },
        "text/xml" => Shown { is_xml: true, content_type: "text/xml; charset=utf-8" },
        _ => Shown { is_xml: false, content_type: "application/json; charset=utf-8" },
    })
}
