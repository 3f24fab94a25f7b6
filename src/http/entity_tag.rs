//! Entity tags, and lists of them (RFC 9110 section 8.8.3).

use std::{fmt, str::FromStr};

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
    /// The bytes between the quotes.
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

    /// Reads the tag that a text begins with, and returns the text after it.
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

/// The text is not an entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not an entity tag of the form `\"7\"`")]
pub struct ParseEntityTagError(());

/// The value of `If-Match` or `If-None-Match` (RFC 9110 section 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    /// `*`
    Any,
    /// A list, which may be empty.
    List(Vec<EntityTag>),
    /// Neither. It names no tag.
    Malformed,
}

impl Tags {
    /// Reads one line of the header field. Several lines are one list, and `*` is not an element of a list.
    pub(super) fn read(previous: Option<Tags>, line: &[u8]) -> Tags {
        match (previous, line.trim_ascii()) {
            (None, b"*") => Tags::Any,
            (None, line) => read_list(Vec::new(), line),
            // Lines are added to the list that there is: copying it for each line would be quadratic.
            (Some(Tags::List(tags)), line) => read_list(tags, line),
            (Some(Tags::Any | Tags::Malformed), _) => Tags::Malformed,
        }
    }
}

/// Adds the tags of a list to others. Empty elements are allowed (RFC 9110 section 5.6.1.2).
fn read_list(mut tags: Vec<EntityTag>, line: &[u8]) -> Tags {
    let mut rest = line;
    loop {
        rest = rest.trim_ascii_start();
        match rest {
            [] => return Tags::List(tags),
            [b',', after @ ..] => rest = after,
            _ => {
                let Some((tag, after)) = EntityTag::read(rest) else { return Tags::Malformed };
                tags.push(tag);
                rest = after.trim_ascii_start();
                if !matches!(rest, [] | [b',', ..]) {
                    return Tags::Malformed;
                }
            }
        }
    }
}
