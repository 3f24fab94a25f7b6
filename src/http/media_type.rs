//! Which bodies carry a patch (RFC 5789 section 2): media types, character sets and content codings.

use crate::{
    http::field_value::{parameter, split, trim},
    patch::format::Format,
};

/// The value of `Accept-Patch` (RFC 5789 section 3.1): the media types that carry a patch. It goes with 415 and with
/// the answer to OPTIONS, where the resource takes PATCH.
///
/// ```
/// use entity_patch::{Format, http::ACCEPT_PATCH};
///
/// assert!(ACCEPT_PATCH.split(", ").all(|media_type| Format::from_content_type(media_type).is_some()));
/// ```
pub const ACCEPT_PATCH: &str = "application/json-patch+json, application/merge-patch+json, application/json, text/json";

const MEDIA_TYPES: [(&str, Format); 4] = [
    ("application/json-patch+json", Format::JsonPatch),
    ("application/merge-patch+json", Format::MergePatch),
    ("application/json", Format::ByShape),
    ("text/json", Format::ByShape),
];

/// The character sets whose texts are UTF-8.
const CHARSETS: [&str; 2] = ["utf-8", "us-ascii"];

impl Format {
    /// The format that a `Content-Type` header field names (RFC 9110 section 8.3), in any case. `None` is for the server
    /// to answer with 415, also for an empty value. A request without this field is [`Format::ByShape`].
    ///
    /// A `charset` other than UTF-8 and US-ASCII is `None`: a body in it would be read as something else. Other
    /// parameters are ignored.
    ///
    /// ```
    /// use entity_patch::Format;
    ///
    /// assert_eq!(Format::from_content_type("application/merge-patch+json"), Some(Format::MergePatch));
    /// assert_eq!(Format::from_content_type("Application/JSON; charset=utf-8"), Some(Format::ByShape));
    /// assert_eq!(Format::from_content_type("application/json; charset=utf-16"), None);
    /// assert_eq!(Format::from_content_type("text/plain"), None);
    /// ```
    pub fn from_content_type(value: &str) -> Option<Format> {
        read(value).ok()
    }
}

fn read(value: &str) -> Result<Format, UnsupportedMediaType> {
    let mut parts = split(value, ';');
    let media_type = parts.next().unwrap_or_default();
    let row = MEDIA_TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(media_type));
    let &(_, format) = row.ok_or(UnsupportedMediaType::MediaType)?;
    let mut charsets = parts.filter_map(parameter).filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
    let is_known = |charset: &str| CHARSETS.iter().any(|known| known.eq_ignore_ascii_case(charset));
    match charsets.all(|(_, charset)| is_known(&charset)) {
        true => Ok(format),
        false => Err(UnsupportedMediaType::Charset),
    }
}

/// The body of a request cannot be read: 415 (RFC 9110 section 15.5.16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsupportedMediaType {
    /// `Content-Type` names something that carries no patch, or is given more than once.
    #[error("the body has to be one of {ACCEPT_PATCH}")]
    MediaType,
    /// The character set is another than UTF-8 or US-ASCII.
    #[error("the body has to be in UTF-8: its `charset` is another one")]
    Charset,
    /// `Content-Encoding` names a coding: the body is compressed.
    #[error("the body must not be compressed: `Content-Encoding` names a coding other than `identity`")]
    Coding,
}

impl UnsupportedMediaType {
    /// 415.
    pub fn status(&self) -> u16 {
        415
    }

    /// `unsupported-media-type`.
    pub fn code(&self) -> &'static str {
        "unsupported-media-type"
    }
}

/// What the header lines of a request say about its body, read line by line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BodyType {
    format: Option<Result<Format, UnsupportedMediaType>>,
    is_coded: bool,
}

impl BodyType {
    /// Reads one header line, where it says something about the body.
    pub(super) fn read(&mut self, name: &str, value: &[u8]) {
        if name.eq_ignore_ascii_case("content-type") {
            let text = std::str::from_utf8(value).map_err(|_| UnsupportedMediaType::MediaType);
            self.format = Some(match self.format {
                None => text.and_then(read),
                // The field is not a list: nobody knows which line holds (RFC 9110 section 8.3).
                Some(_) => Err(UnsupportedMediaType::MediaType),
            });
        } else if name.eq_ignore_ascii_case("content-encoding") {
            let mut codings = value.split(|&byte| byte == b',').map(|coding| coding.trim_ascii());
            self.is_coded |= codings.any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"));
        }
    }

    /// The format of the body: by shape where no line names one.
    pub(super) fn format(&self) -> Result<Format, UnsupportedMediaType> {
        match self.format {
            _ if self.is_coded => Err(UnsupportedMediaType::Coding),
            Some(format) => format,
            None => Ok(Format::ByShape),
        }
    }
}

/// The one of a server's media types that a client likes best (RFC 9110 section 12.5.1), by its place in `offers`; `None`
/// is for the server to answer with 406.
///
/// The lines are the values of `Accept`. Without any, and among those that the client likes equally, the first offer is
/// the best. Parameters other than `q` are ignored.
///
/// ```
/// use entity_patch::http::accepted;
///
/// let offers = ["application/json", "application/xml"];
/// assert_eq!(accepted(["text/html, application/xml;q=0.9, */*;q=0.8"], &offers), Some(1));
/// assert_eq!(accepted([], &offers), Some(0));
/// assert_eq!(accepted(["text/html"], &offers), None);
/// ```
pub fn accepted<'h>(lines: impl IntoIterator<Item = &'h str>, offers: &[&str]) -> Option<usize> {
    // For each offer how exactly the range that holds for it names it, and how much the client likes it: of several
    // ranges the most exact one holds.
    let mut best: Vec<Option<(u8, u16)>> = vec![None; offers.len()];
    let mut is_any = true;
    for range in lines.into_iter().flat_map(|line| split(line, ',')).filter_map(Range::read) {
        is_any = false;
        for (best, offer) in best.iter_mut().zip(offers) {
            *best = range.fit(offer).max(*best);
        }
    }
    let quality = |index: &usize| best[*index].map_or(if is_any { 1000 } else { 0 }, |(_, quality)| quality);
    // Of equals `min_by_key` takes the first.
    (0..offers.len()).filter(|index| quality(index) > 0).min_by_key(|index| std::cmp::Reverse(quality(index)))
}

/// A media range: `text/*;q=0.5`.
struct Range<'h> {
    kind: &'h str,
    subtype: &'h str,
    /// In thousandths.
    quality: u16,
}

impl<'h> Range<'h> {
    fn read(text: &'h str) -> Option<Range<'h>> {
        let mut parts = split(text, ';');
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts.filter_map(parameter).find(|(name, _)| name.eq_ignore_ascii_case("q"));
        let quality = quality.map_or(Some(1000), |(_, value)| thousandths(&value))?;
        Some(Range { kind: trim(kind), subtype: trim(subtype), quality })
    }

    /// How exactly the range names a media type, and how much the client likes it.
    fn fit(&self, media_type: &str) -> Option<(u8, u16)> {
        let (kind, subtype) = media_type.split_once('/')?;
        let is = |range: &str, name: &str| range.eq_ignore_ascii_case(name);
        let exactness = match (self.kind, self.subtype) {
            ("*", "*") => 0,
            (range, "*") if is(range, kind) => 1,
            (range, name) if is(range, kind) && is(name, subtype) => 2,
            _ => return None,
        };
        Some((exactness, self.quality))
    }
}

/// A quality (RFC 9110 section 12.4.2): `0`, `1`, or up to three decimals between them.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_valid =
        matches!(whole, "0" | "1") && decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let value = format!("{whole}{decimals:0<3}").parse().ok().filter(|_| is_valid)?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_name_a_format_in_utf_8() {
        use UnsupportedMediaType::{Charset, MediaType};

        for (value, expected) in [
            ("application/json-patch+json", Ok(Format::JsonPatch)),
            ("APPLICATION/MERGE-PATCH+JSON ; charset=utf-8", Ok(Format::MergePatch)),
            ("application/json", Ok(Format::ByShape)),
            ("text/json;q=1", Ok(Format::ByShape)),
            (" application/json\t;\tCHARSET=\"UTF-8\" ", Ok(Format::ByShape)),
            ("application/json; charset=us-ascii", Ok(Format::ByShape)),
            ("application/json; charset=\"utf\\-8\"", Ok(Format::ByShape)),
            ("application/json; note=\"; charset=utf-16\"", Ok(Format::ByShape)),
            ("application/json;;charset", Ok(Format::ByShape)),
            ("application/json; charset=utf-16", Err(Charset)),
            ("application/json; charset=iso-8859-1; charset=utf-8", Err(Charset)),
            ("application/json; charset=utf-8; charset=iso-8859-1", Err(Charset)),
            ("application/json; charset=", Err(Charset)),
            ("application/json-patch", Err(MediaType)),
            ("text/plain; charset=utf-16", Err(MediaType)),
            ("application/json, application/json", Err(MediaType)),
            ("", Err(MediaType)),
        ] {
            assert_eq!(read(value), expected, "{value}");
            assert_eq!(Format::from_content_type(value), expected.ok(), "{value}");
        }
    }

    #[test]
    fn a_body_is_read_where_one_type_and_no_coding_is_named() {
        use UnsupportedMediaType::{Coding, MediaType};

        /// Header lines, and what they say.
        type Row<'r> = (&'r [(&'r str, &'r [u8])], Result<Format, UnsupportedMediaType>);

        let rows: [Row<'_>; 11] = [
            (&[], Ok(Format::ByShape)),
            (&[("content-encoding", b"")], Ok(Format::ByShape)),
            (&[("Content-Encoding", b" Identity ,, identity")], Ok(Format::ByShape)),
            (&[("content-encoding", b"gzip")], Err(Coding)),
            (&[("content-encoding", b"identity, br")], Err(Coding)),
            (&[("content-encoding", b"identity"), ("content-encoding", b"gzip")], Err(Coding)),
            (&[("content-encoding", b"gzip"), ("content-type", b"text/plain")], Err(Coding)),
            (&[("Content-Type", b"application/json-patch+json")], Ok(Format::JsonPatch)),
            (&[("content-type", b"application/json"), ("content-type", b"application/json")], Err(MediaType)),
            (&[("content-type", b"")], Err(MediaType)),
            (&[("content-type", b"application/json\xFF")], Err(MediaType)),
        ];
        for (lines, expected) in rows {
            let mut body = BodyType::default();
            lines.iter().for_each(|(name, value)| body.read(name, value));
            assert_eq!(body.format(), expected, "{lines:?}");
        }
    }

    #[test]
    fn accept_chooses_an_offer() {
        const OFFERS: [&str; 4] = ["application/json", "text/json", "application/xml", "text/xml"];

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
            (&["application/json;q=0, */*"], Some("text/json")),
            (&["*/*;q=0, application/xml ; Q=0.001"], Some("application/xml")),
            (&["text/html"], None),
            (&["application/json;q=0"], None),
            (&["application/json;q=0.0001, text/html"], None),
            (&["application/json;q=1.1, text/html"], None),
            (&["nonsense"], Some("application/json")),
            (&[""], Some("application/json")),
        ];
        for (lines, expected) in rows {
            let chosen = accepted(lines.iter().copied(), &OFFERS).map(|index| OFFERS[index]);
            assert_eq!(chosen, expected, "{lines:?}");
        }
        assert_eq!(accepted([], &[]), None);
    }
}
