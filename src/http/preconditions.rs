//! Whether a request may go on, given the resource as it is now (RFC 9110 section 13): entity tags and dates, and the
//! order in which they are asked.

use std::{fmt, str::FromStr};

use crate::http::HttpDate;

/// An entity tag (RFC 9110 section 8.8.3): `"7"`, or `W/"7"` where it is weak.
///
/// A version makes a better tag than a hash of the body: it costs nothing, and it tells nobody what the body holds.
///
/// ```
/// use entity_patch::http::EntityTag;
///
/// assert_eq!(EntityTag::of_version(7).to_string(), r#""7""#);
/// assert_eq!(r#""7""#.parse(), Ok(EntityTag::of_version(7)));
/// assert!(r#"W/"7-xml""#.parse::<EntityTag>()?.is_weak());
/// # Ok::<(), entity_patch::http::ParseEntityTagError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntityTag {
    is_weak: bool,
    /// What stands between the quotes.
    opaque: Vec<u8>,
}

impl EntityTag {
    /// The strong tag of a version: its digits.
    pub fn of_version(version: u64) -> EntityTag {
        EntityTag { is_weak: false, opaque: version.to_string().into_bytes() }
    }

    /// Whether it only promises a resource that means the same, not the same bytes.
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }

    /// Strong comparison (RFC 9110 section 8.8.3.2): a weak tag is equal to nothing, not even to itself.
    pub fn equals_strongly(&self, other: &EntityTag) -> bool {
        !self.is_weak && !other.is_weak && self.opaque == other.opaque
    }

    /// Weak comparison (RFC 9110 section 8.8.3.2).
    pub fn equals_weakly(&self, other: &EntityTag) -> bool {
        self.opaque == other.opaque
    }

    /// Reads the tag that a text begins with, and returns the text behind it.
    fn read(text: &[u8]) -> Option<(EntityTag, &[u8])> {
        let (is_weak, quoted) = text.strip_prefix(b"W/").map_or((false, text), |quoted| (true, quoted));
        let text = quoted.strip_prefix(b"\"")?;
        let end = text.iter().position(|&byte| byte == b'"')?;
        let (opaque, rest) = (&text[..end], &text[end + 1..]);
        let is_valid = opaque.iter().all(|byte| matches!(byte, 0x21..=0x7E | 0x80..=0xFF));
        is_valid.then(|| (EntityTag { is_weak, opaque: opaque.to_vec() }, rest))
    }
}

impl FromStr for EntityTag {
    type Err = ParseEntityTagError;

    fn from_str(text: &str) -> Result<EntityTag, ParseEntityTagError> {
        match EntityTag::read(text.as_bytes()) {
            Some((tag, b"")) => Ok(tag),
            Some(_) | None => Err(ParseEntityTagError(())),
        }
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weak = if self.is_weak { "W/" } else { "" };
        write!(formatter, "{weak}\"{}\"", String::from_utf8_lossy(&self.opaque))
    }
}

/// A text that is not an entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not an entity tag of the form `\"7\"`")]
pub struct ParseEntityTagError(());

/// What a resource can be told by, as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// The tags of its representations, of which a write may name any; for a read, the one that is selected.
    pub tags: Vec<EntityTag>,
    /// When it was last modified, where that is known.
    pub last_modified: Option<HttpDate>,
}

impl Validators {
    /// Those of a resource that is told by a version alone.
    pub fn of_version(version: u64) -> Validators {
        Validators { tags: vec![EntityTag::of_version(version)], last_modified: None }
    }
}

/// What a request means to do with the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// GET and HEAD.
    Read,
    /// PUT, PATCH and every other method.
    Write,
}

/// What the preconditions make of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// They hold, or there are none.
    Proceed,
    /// 304: the client has this representation already.
    NotModified,
    /// 412.
    Failed,
}

/// The preconditions of a request: `If-Match`, `If-Unmodified-Since` and `If-None-Match`.
///
/// ```
/// use entity_patch::http::{Preconditions, Validators};
///
/// let preconditions = Preconditions::from_headers([("if-match", r#""6", "7""#.as_bytes())]);
/// assert!(preconditions.check(&Validators::of_version(7)).is_ok());
/// assert_eq!(preconditions.check(&Validators::of_version(8)).unwrap_err().status(), 412);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
    if_unmodified_since: Option<HttpDate>,
}

impl Preconditions {
    /// Takes the preconditions out of a request's headers, names in any case, values as they came.
    ///
    /// Several lines of one name are one list. A list of tags that is malformed names no tag, so that `If-Match: 7`,
    /// which forgot the quotes, fails and does not write; a malformed date is ignored (RFC 9110 section 13.1.4).
    pub fn from_headers<'h>(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Preconditions {
        let mut preconditions = Preconditions::default();
        let mut dates = Vec::new();
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("if-match") {
                preconditions.if_match = Some(Tags::read(value).and(preconditions.if_match));
            } else if name.eq_ignore_ascii_case("if-none-match") {
                preconditions.if_none_match = Some(Tags::read(value).and(preconditions.if_none_match));
            } else if name.eq_ignore_ascii_case("if-unmodified-since") {
                dates.push(value);
            }
        }
        if let [date] = dates[..] {
            let text = std::str::from_utf8(date).ok();
            preconditions.if_unmodified_since = text.and_then(|text| text.trim().parse().ok());
        }
        preconditions
    }

    /// Whether the request goes on. `None` stands for a resource that does not exist yet.
    ///
    /// In the order of RFC 9110 section 13.2.2: `If-Match`, by strong comparison, where `*` is any resource that
    /// exists; without it `If-Unmodified-Since`, in whole seconds, ignored where the resource has no date; then
    /// `If-None-Match`, by weak comparison, where a match is 304 for a read and 412 for a write.
    ///
    /// ```
    /// use entity_patch::http::{Outcome, Preconditions, Purpose, Validators};
    ///
    /// let preconditions = Preconditions::from_headers([("If-None-Match", r#""7""#.as_bytes())]);
    /// let current = Validators::of_version(7);
    /// assert_eq!(preconditions.evaluate(Purpose::Read, Some(&current)), Outcome::NotModified);
    /// assert_eq!(preconditions.evaluate(Purpose::Write, Some(&current)), Outcome::Failed);
    /// assert_eq!(preconditions.evaluate(Purpose::Write, None), Outcome::Proceed);
    /// ```
    pub fn evaluate(&self, purpose: Purpose, current: Option<&Validators>) -> Outcome {
        let meets = |tags: &Tags, equal: fn(&EntityTag, &EntityTag) -> bool| match (tags, current) {
            (_, None) => false,
            (Tags::Any, Some(_)) => true,
            (Tags::List(wanted), Some(current)) => {
                wanted.iter().any(|wanted| current.tags.iter().any(|tag| equal(wanted, tag)))
            }
        };
        let last_modified = current.and_then(|current| current.last_modified);
        let is_meant = match (&self.if_match, self.if_unmodified_since, last_modified) {
            (Some(tags), _, _) => meets(tags, EntityTag::equals_strongly),
            (None, Some(date), Some(last_modified)) => last_modified <= date,
            (None, None, _) | (None, _, None) => true,
        };
        let is_known = self.if_none_match.as_ref().is_some_and(|tags| meets(tags, EntityTag::equals_weakly));
        match purpose {
            _ if !is_meant => Outcome::Failed,
            Purpose::Read if is_known => Outcome::NotModified,
            Purpose::Write if is_known => Outcome::Failed,
            Purpose::Read | Purpose::Write => Outcome::Proceed,
        }
    }

    /// As [`Preconditions::evaluate`], for a write to a resource that exists.
    ///
    /// # Errors
    ///
    /// 412: a precondition does not hold.
    pub fn check(&self, current: &Validators) -> Result<(), PreconditionFailed> {
        match self.evaluate(Purpose::Write, Some(current)) {
            Outcome::Proceed => Ok(()),
            Outcome::NotModified | Outcome::Failed => Err(PreconditionFailed(())),
        }
    }
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`
    Any,
    /// Empty where the header is malformed.
    List(Vec<EntityTag>),
}

impl Tags {
    fn read(value: &[u8]) -> Tags {
        match value.trim_ascii() {
            b"*" => Tags::Any,
            value => Tags::List(read_list(value).unwrap_or_default()),
        }
    }

    /// The list of two lines.
    fn and(self, other: Option<Tags>) -> Tags {
        match (self, other) {
            (tags, None) => tags,
            (Tags::List(mut tags), Some(Tags::List(others))) => {
                tags.extend(others);
                Tags::List(tags)
            }
            // `*` among others is not what the grammar allows.
            (_, Some(_)) => Tags::List(Vec::new()),
        }
    }
}

/// A list of tags, elements that are empty let pass (RFC 9110 section 5.6.1.2).
fn read_list(value: &[u8]) -> Option<Vec<EntityTag>> {
    let mut tags = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_ascii_start();
        match rest {
            [] => return Some(tags),
            [b',', behind @ ..] => rest = behind,
            _ => {
                let (tag, behind) = EntityTag::read(rest)?;
                tags.push(tag);
                rest = behind.trim_ascii_start();
                if !matches!(rest, [] | [b',', ..]) {
                    return None;
                }
            }
        }
    }
}

/// The resource is not the one that the client means to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the entity has changed, or is not the one that the preconditions name")]
pub struct PreconditionFailed(());

impl PreconditionFailed {
    /// 412.
    pub fn status(&self) -> u16 {
        412
    }

    /// `precondition-failed`.
    pub fn code(&self) -> &'static str {
        "precondition-failed"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The resource: version 7 as JSON and as XML, last modified in the first second of 2024.
    fn current() -> Validators {
        let tags = [r#""7""#, r#""7-xml""#].map(|tag| tag.parse().unwrap()).to_vec();
        Validators { tags, last_modified: HttpDate::from_unix_seconds(1_704_067_200) }
    }

    #[test]
    fn a_write_goes_on_where_its_preconditions_hold() {
        let at = "Mon, 01 Jan 2024 00:00:00 GMT";
        let before = "Sun, 31 Dec 2023 23:59:59 GMT";
        let rows: [(&[(&str, &str)], bool); 25] = [
            (&[], true),
            (&[("If-Match", r#""7""#)], true),
            (&[("if-match", r#""7-xml""#)], true),
            (&[("If-Match", r#""6", "7""#)], true),
            (&[("If-Match", r#","6",, "7","#)], true),
            (&[("If-Match", r#""6""#), ("If-Match", r#""7""#)], true),
            (&[("If-Match", "*")], true),
            (&[("If-Match", r#""6""#)], false),
            (&[("If-Match", r#"W/"7""#)], false),
            (&[("If-Match", "7")], false),
            (&[("If-Match", r#""7" "8""#)], false),
            (&[("If-Match", r#""7", 8"#)], false),
            (&[("If-Match", r#""6,"7""#)], false),
            (&[("If-Match", "")], false),
            (&[("If-Match", r#"*, "7""#)], false),
            (&[("If-Match", "*"), ("If-Match", r#""7""#)], false),
            (&[("If-Unmodified-Since", at)], true),
            (&[("If-Unmodified-Since", before)], false),
            (&[("If-Unmodified-Since", "yesterday")], true),
            (&[("If-Unmodified-Since", before), ("If-Unmodified-Since", before)], true),
            (&[("If-Match", r#""7""#), ("If-Unmodified-Since", before)], true),
            (&[("If-Match", r#""6""#), ("If-Unmodified-Since", at)], false),
            (&[("If-None-Match", "*")], false),
            (&[("If-None-Match", r#"W/"7""#)], false),
            (&[("If-None-Match", r#""6""#)], true),
        ];
        for (headers, expected) in rows {
            let preconditions =
                Preconditions::from_headers(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
            assert_eq!(preconditions.check(&current()).is_ok(), expected, "{headers:?}");
        }
    }

    #[test]
    fn what_is_not_there_or_has_no_date_is_judged_by_the_rest() {
        let rows = [
            (("If-Match", "*"), false),
            (("If-None-Match", "*"), true),
            (("If-Unmodified-Since", "Sun, 31 Dec 2023 23:59:59 GMT"), true),
        ];
        for ((name, value), expected) in rows {
            let preconditions = Preconditions::from_headers([(name, value.as_bytes())]);
            let outcome = preconditions.evaluate(Purpose::Write, None);
            assert_eq!(outcome == Outcome::Proceed, expected, "{name}: {value}");
        }
    }

    #[test]
    fn a_tag_that_is_not_ascii_is_compared_by_its_bytes() {
        let preconditions = Preconditions::from_headers([("If-Match", b"\"\xE9\"".as_slice())]);
        assert!(preconditions.check(&current()).is_err());
    }
}
