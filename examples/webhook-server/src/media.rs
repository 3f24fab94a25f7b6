//! Which format a request's body has, and which one its answer may have.

use axum::http::{HeaderMap, header};

/// The format of an entity in a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Json,
    Xml,
    Form,
}

/// What PUT and SaveWebhook read, for the `Accept` of a 415 (RFC 9110 section 15.5.16).
pub const READABLE: &str = "application/json, text/json, application/xml, text/xml, application/x-www-form-urlencoded";

/// The format that a request's headers name, JSON where they name none; `None` where its body cannot be read.
pub fn sent(headers: &HeaderMap) -> Option<Sent> {
    const TYPES: [(&str, Sent); 5] = [
        ("application/json", Sent::Json),
        ("text/json", Sent::Json),
        ("application/xml", Sent::Xml),
        ("text/xml", Sent::Xml),
        ("application/x-www-form-urlencoded", Sent::Form),
    ];
    let encodings = headers.get_all(header::CONTENT_ENCODING);
    if encodings.iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return None;
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    match (types.next(), types.next()) {
        (None, _) => Some(Sent::Json),
        (Some(value), None) => {
            let media_type = value.to_str().ok()?.split(';').next()?.trim();
            TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(media_type)).map(|&(_, sent)| sent)
        }
        (Some(_), Some(_)) => None,
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
const OFFERS: [(&str, &str, Shown); 6] = [
    ("application", "json", Shown { is_xml: false, content_type: "application/json; charset=utf-8" }),
    ("text", "json", Shown { is_xml: false, content_type: "text/json; charset=utf-8" }),
    ("application", "xml", Shown { is_xml: true, content_type: "application/xml; charset=utf-8" }),
    ("text", "xml", Shown { is_xml: true, content_type: "text/xml; charset=utf-8" }),
    ("application", "json-patch+json", Shown { is_xml: false, content_type: "application/json; charset=utf-8" }),
    ("application", "merge-patch+json", Shown { is_xml: false, content_type: "application/json; charset=utf-8" }),
];

/// The format that `Accept` likes best (RFC 9110 section 12.5.1), JSON where there is none; `None` where it likes
/// nothing that there is.
pub fn shown(headers: &HeaderMap) -> Option<Shown> {
    let lines: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<Range<'_>> = lines.iter().flat_map(|line| line.split(',')).filter_map(Range::read).collect();
    if ranges.is_empty() {
        return Some(OFFERS[0].2);
    }
    let mut best: Option<(u16, Shown)> = None;
    for (type_, subtype, shown) in OFFERS {
        let quality =
            ranges.iter().filter_map(|range| range.fits(type_, subtype)).max().map_or(0, |(_, quality)| quality);
        if quality > best.map_or(0, |(quality, _)| quality) {
            best = Some((quality, shown));
        }
    }
    best.map(|(_, shown)| shown)
}

/// A media range: `text/*;q=0.5`. Parameters other than `q` are ignored.
struct Range<'h> {
    type_: &'h str,
    subtype: &'h str,
    /// In thousandths.
    quality: u16,
}

impl<'h> Range<'h> {
    fn read(text: &'h str) -> Option<Range<'h>> {
        let mut parts = text.split(';').map(str::trim);
        let (type_, subtype) = parts.next()?.split_once('/')?;
        let quality = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .map_or(Some(1000), |(_, value)| thousandths(value.trim()))?;
        Some(Range { type_, subtype, quality })
    }

    /// How exactly the range names a type, and how much it likes it.
    fn fits(&self, type_: &str, subtype: &str) -> Option<(u8, u16)> {
        let exactness = match (self.type_, self.subtype) {
            ("*", "*") => 0,
            (range, "*") if range.eq_ignore_ascii_case(type_) => 1,
            (range, name) if range.eq_ignore_ascii_case(type_) && name.eq_ignore_ascii_case(subtype) => 2,
            _ => return None,
        };
        Some((exactness, self.quality))
    }
}

/// A quality: `0`, `1`, or up to three decimals between them.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_valid =
        matches!(whole, "0" | "1") && decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    if !is_valid {
        return None;
    }
    let value: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (value <= 1000).then_some(value)
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
