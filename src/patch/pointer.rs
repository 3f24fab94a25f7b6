//! A JSON Pointer (RFC 6901): the text of a path, proved well formed once, and its reference tokens.
//!
//! How a token finds a member is decided in `name`, how it finds an element in [`Token::existing_index`] and
//! [`Token::insertion_index`]; nothing here looks at a document.

use std::{borrow::Cow, convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::json::bytes;

/// A JSON Pointer (RFC 6901): `""` is the whole document, `/a/0` the first element of the member `a`, `/` the
/// member whose name is empty. In a token `~1` means `/` and `~0` means `~`.
///
/// ```
/// use entity_patch::Pointer;
///
/// let pointer: Pointer = "/Headers/X~1Key".parse()?;
/// let tokens: Vec<_> = pointer.tokens().map(|token| token.name()).collect();
/// assert_eq!(tokens, ["Headers", "X/Key"]);
/// # Ok::<(), entity_patch::ParsePointerError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer {
    /// Empty, or every token after its slash; every `~` is followed by `0` or `1`.
    text: String,
    /// Whether there is a `~` in it.
    has_escapes: bool,
}

impl Pointer {
    /// The pointer to the whole document, `""`.
    pub const ROOT: Pointer = Pointer { text: String::new(), has_escapes: false };

    /// The pointer to the whole document, with room for tokens.
    pub(crate) fn with_capacity(bytes: usize) -> Pointer {
        Pointer { text: String::with_capacity(bytes), has_escapes: false }
    }

    /// Parses a pointer whose leading slash is required (RFC 6901 section 3).
    ///
    /// # Errors
    ///
    /// - `a/b`: the leading slash is missing.
    /// - `/~2`: `~` is followed by neither `0` nor `1`.
    pub fn parse(text: &str) -> Result<Pointer, ParsePointerError> {
        Ok(Pointer { has_escapes: check(text, false)?, text: text.to_owned() })
    }

    /// Parses a pointer whose leading slash is optional: `Name` is `/Name`. The whole document is still `""`.
    ///
    /// ```
    /// use entity_patch::Pointer;
    ///
    /// assert_eq!(Pointer::parse_optional_slash("Headers/X-Key")?.as_str(), "/Headers/X-Key");
    /// # Ok::<(), entity_patch::ParsePointerError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - `/~2`: `~` is followed by neither `0` nor `1`.
    pub fn parse_optional_slash(text: &str) -> Result<Pointer, ParsePointerError> {
        Ok(Pointer {
            has_escapes: check(text, true)?,
            text: if text.is_empty() || text.starts_with('/') { text.to_owned() } else { format!("/{text}") },
        })
    }

    /// The pointer that leads through these names and indices, which are escaped.
    ///
    /// ```
    /// use entity_patch::Pointer;
    ///
    /// assert_eq!(Pointer::from_tokens(["Headers", "X/Key", "0"]).as_str(), "/Headers/X~1Key/0");
    /// ```
    pub fn from_tokens<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> Pointer {
        let mut pointer = Pointer::ROOT;
        tokens.into_iter().for_each(|token| pointer.push(token.as_ref()));
        pointer
    }

    /// The length of its text, which [`Pointer::truncate`] takes.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Removes the tokens that were appended since it had this length.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
        self.has_escapes = self.has_escapes && has_escapes(self.text.as_bytes());
    }

    /// The pointer as text, with its leading slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is the pointer to the whole document.
    pub fn is_root(&self) -> bool {
        self.text.is_empty()
    }

    /// The reference tokens, from the root down.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens::of(&self.text, self.has_escapes)
    }

    /// The value that the pointer leads to, names compared exactly (section 4).
    ///
    /// ```
    /// use entity_patch::Pointer;
    /// use serde_json::json;
    ///
    /// let webhook = json!({"Events": ["sale.sold"]});
    /// assert_eq!(Pointer::parse("/Events/0")?.resolve(&webhook), Some(&json!("sale.sold")));
    /// assert_eq!(Pointer::parse("/Events/-")?.resolve(&webhook), None);
    /// # Ok::<(), entity_patch::ParsePointerError>(())
    /// ```
    pub fn resolve<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.tokens().try_fold(value, |value, token| match value {
            Value::Object(members) => members.get(&*token.name()),
            Value::Array(elements) => elements.get(token.existing_index(elements.len()).ok()?),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        })
    }

    /// The pointer to the container around; the root has none.
    ///
    /// ```
    /// use entity_patch::Pointer;
    ///
    /// let pointer = Pointer::parse("/a/0")?;
    /// assert_eq!(pointer.parent(), Some(Pointer::parse("/a")?));
    /// assert_eq!(Pointer::ROOT.parent(), None);
    /// # Ok::<(), entity_patch::ParsePointerError>(())
    /// ```
    pub fn parent(&self) -> Option<Pointer> {
        let (parents, _) = self.tokens().split_last()?;
        Some(parents.to_pointer())
    }

    /// Whether the tokens of another pointer come first in this one; its own do.
    ///
    /// ```
    /// use entity_patch::Pointer;
    ///
    /// let pointer = Pointer::parse("/address/city")?;
    /// assert!(pointer.starts_with(&Pointer::parse("/address")?));
    /// assert!(!pointer.starts_with(&Pointer::parse("/add")?));
    /// # Ok::<(), entity_patch::ParsePointerError>(())
    /// ```
    pub fn starts_with(&self, start: &Pointer) -> bool {
        let rest = self.text.strip_prefix(&start.text);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Appends a token for the member `name` (any text; it is escaped) or for an index in digits.
    ///
    /// ```
    /// use entity_patch::Pointer;
    ///
    /// let mut pointer = Pointer::ROOT;
    /// pointer.push("a/b");
    /// pointer.push("0");
    /// assert_eq!(pointer.as_str(), "/a~1b/0");
    /// ```
    pub fn push(&mut self, name: &str) {
        self.text.reserve(1 + name.len());
        self.text.push('/');
        if !name.contains(['~', '/']) {
            return self.text.push_str(name);
        }
        self.has_escapes = true;
        for character in name.chars() {
            match character {
                '~' => self.text.push_str("~0"),
                '/' => self.text.push_str("~1"),
                _ => self.text.push(character),
            }
        }
    }

    /// Appends a token for the element at `index`, 0-based.
    pub fn push_index(&mut self, index: usize) {
        self.push(&index.to_string());
    }

    /// Removes the last token; the root stays the root.
    pub fn pop(&mut self) {
        self.truncate(self.text.rfind('/').unwrap_or(0));
    }
}

/// Whether a text has a `~`.
#[inline]
fn has_escapes(text: &[u8]) -> bool {
    bytes::any(text, |word| bytes::first(word, b'~'))
}

/// Checks that a text is a pointer, and says whether there is a `~` in it.
#[inline]
pub(crate) fn check(text: &str, optional_slash: bool) -> Result<bool, ParsePointerError> {
    if !optional_slash && !text.is_empty() && !text.starts_with('/') {
        return Err(ParsePointerError { offset: 0, kind: PointerErrorKind::MissingSlash });
    }
    if has_escapes(text.as_bytes()) { check_escapes(text).map(|()| true) } else { Ok(false) }
}

#[cold]
fn check_escapes(text: &str) -> Result<(), ParsePointerError> {
    let mut bytes = text.bytes().enumerate();
    while let Some((offset, byte)) = bytes.next() {
        if byte == b'~' && !matches!(bytes.next(), Some((_, b'0' | b'1'))) {
            return Err(ParsePointerError { offset, kind: PointerErrorKind::BadEscape });
        }
    }
    Ok(())
}

impl FromStr for Pointer {
    type Err = ParsePointerError;

    /// As [`Pointer::parse`].
    fn from_str(text: &str) -> Result<Pointer, ParsePointerError> {
        Pointer::parse(text)
    }
}

impl TryFrom<&str> for Pointer {
    type Error = ParsePointerError;

    /// As [`Pointer::parse`].
    fn try_from(text: &str) -> Result<Pointer, ParsePointerError> {
        Pointer::parse(text)
    }
}

impl TryFrom<String> for Pointer {
    type Error = ParsePointerError;

    /// As [`Pointer::parse`].
    fn try_from(text: String) -> Result<Pointer, ParsePointerError> {
        Ok(Pointer { has_escapes: check(&text, false)?, text })
    }
}

impl From<&Pointer> for Pointer {
    fn from(pointer: &Pointer) -> Pointer {
        pointer.clone()
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

impl Serialize for Pointer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Pointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pointer, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Pointer::parse(&text).map_err(de::Error::custom)
    }
}

/// A pointer as a request body has it: well formed, with or without its leading slash.
#[derive(Clone, Debug)]
pub(crate) enum PointerText<'b> {
    /// It has no `~`.
    Plain(&'b str),
    /// It may have one.
    Any(Cow<'b, str>),
}

impl PointerText<'_> {
    #[inline]
    pub(crate) fn tokens(&self) -> Tokens<'_> {
        match self {
            PointerText::Plain(text) => Tokens::of(text, false),
            PointerText::Any(text) => Tokens::of(text, true),
        }
    }
}

/// The reference tokens of a [`Pointer`], from the root down. As an iterator, those that are left.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'p> {
    /// The tokens that are left with slashes between them; `None` if none is.
    rest: Option<&'p str>,
    /// Whether there may be a `~` in the pointer.
    has_escapes: bool,
}

impl<'p> Tokens<'p> {
    /// None: the path to the whole document.
    pub(crate) const ROOT: Tokens<'static> = Tokens { rest: None, has_escapes: false };

    /// The tokens of a pointer's text, which is well formed; the leading slash may be missing.
    #[inline]
    fn of(text: &'p str, has_escapes: bool) -> Tokens<'p> {
        let rest = if text.is_empty() { None } else { Some(text.strip_prefix('/').unwrap_or(text)) };
        Tokens { rest, has_escapes }
    }

    /// Whether at most `limit` tokens are left. They are only counted where there may be more.
    #[inline]
    pub(crate) fn fit(self, limit: usize) -> bool {
        self.rest.is_none_or(|rest| rest.len() < limit || self.count() <= limit)
    }

    /// The tokens before the last one, and the last one.
    #[inline]
    pub(crate) fn split_last(self) -> Option<(Tokens<'p>, Token<'p>)> {
        let Tokens { rest, has_escapes } = self;
        let rest = rest?;
        let (parents, escaped) = match rest.bytes().rposition(|byte| byte == b'/') {
            Some(slash) => (Some(&rest[..slash]), &rest[slash + 1..]),
            None => (None, rest),
        };
        Some((Tokens { rest: parents, has_escapes }, Token { escaped, has_escapes }))
    }

    /// The first tokens, so many of them, and the others.
    pub(crate) fn split_at(self, count: usize) -> (Tokens<'p>, Tokens<'p>) {
        let Tokens { rest, has_escapes } = self;
        let mut others = self;
        let taken = others.by_ref().take(count).count();
        let start = rest.filter(|_| taken > 0).map(|rest| match others.rest {
            Some(others) => &rest[..rest.len() - others.len() - 1],
            None => rest,
        });
        (Tokens { rest: start, has_escapes }, others)
    }

    /// The pointer that has these tokens.
    pub(crate) fn to_pointer(self) -> Pointer {
        match self.rest {
            Some(rest) => {
                let mut text = String::with_capacity(rest.len() + 1);
                text.push('/');
                text.push_str(rest);
                Pointer { has_escapes: self.has_escapes && has_escapes(text.as_bytes()), text }
            }
            None => Pointer::ROOT,
        }
    }
}

impl<'p> Iterator for Tokens<'p> {
    type Item = Token<'p>;

    fn next(&mut self) -> Option<Token<'p>> {
        let rest = self.rest?;
        let (escaped, rest) = match rest.bytes().position(|byte| byte == b'/') {
            Some(slash) => (&rest[..slash], Some(&rest[slash + 1..])),
            None => (rest, None),
        };
        self.rest = rest;
        Some(Token { escaped, has_escapes: self.has_escapes })
    }
}

/// One reference token of a [`Pointer`], still escaped.
#[derive(Clone, Copy, Debug)]
pub struct Token<'p> {
    escaped: &'p str,
    /// Whether there may be a `~` in its pointer.
    has_escapes: bool,
}

impl PartialEq for Token<'_> {
    fn eq(&self, other: &Token<'_>) -> bool {
        self.escaped == other.escaped
    }
}

impl Eq for Token<'_> {}

impl<'p> Token<'p> {
    /// The member's name: `~1` read as `/`, `~0` as `~` (RFC 6901 section 4). Borrowed where nothing is escaped.
    #[inline]
    pub fn name(self) -> Cow<'p, str> {
        if self.has_escapes { self.unescaped() } else { Cow::Borrowed(self.escaped) }
    }

    #[cold]
    fn unescaped(self) -> Cow<'p, str> {
        match self.escaped.contains('~') {
            true => Cow::Owned(self.escaped.replace("~1", "/").replace("~0", "~")),
            false => Cow::Borrowed(self.escaped),
        }
    }

    /// The index of an element that exists among `length`. `-` names nothing.
    pub(crate) fn existing_index(self, length: usize) -> Result<usize, IndexError> {
        match self.index()? {
            Index::At(index) if index < length => Ok(index),
            Index::At(_) => Err(IndexError::OutOfBounds),
            Index::End => Err(IndexError::End),
        }
    }

    /// The index at which an element is inserted into an array of `length` elements; `-` is the end.
    pub(crate) fn insertion_index(self, length: usize) -> Result<usize, IndexError> {
        match self.index()? {
            Index::At(index) if index <= length => Ok(index),
            Index::At(_) => Err(IndexError::OutOfBounds),
            Index::End => Ok(length),
        }
    }

    /// `0`, or digits without a leading zero (RFC 6901 section 4), or `-`.
    fn index(self) -> Result<Index, IndexError> {
        match self.escaped.as_bytes() {
            b"-" => Ok(Index::End),
            b"0" => Ok(Index::At(0)),
            [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => {
                // More digits than a usize holds are still an index, one beyond every array.
                Ok(Index::At(self.escaped.parse().unwrap_or(usize::MAX)))
            }
            _ => Err(IndexError::NotAnIndex),
        }
    }
}

enum Index {
    At(usize),
    End,
}

/// Why a token names no place in an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IndexError {
    NotAnIndex,
    OutOfBounds,
    /// `-` where an element has to exist.
    End,
}

/// A text that is not a JSON Pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {} of the pointer)", .offset + 1)]
pub struct ParsePointerError {
    offset: usize,
    kind: PointerErrorKind,
}

impl ParsePointerError {
    /// Where in the text, as a 0-based byte offset.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl From<Infallible> for ParsePointerError {
    /// What takes a pointer or its text fails for the text only.
    fn from(never: Infallible) -> ParsePointerError {
        match never {}
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum PointerErrorKind {
    #[error("the leading `/` is missing")]
    MissingSlash,
    #[error("`~` is followed by neither `0` nor `1`")]
    BadEscape,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_equal_to_what_was_parsed_after_it_was_cut() {
        let mut pointer = Pointer::parse("/a~1").expect("a pointer");
        let length = pointer.len();
        pointer.push("b~");
        pointer.truncate(length);
        assert_eq!(pointer, Pointer::parse("/a~1").expect("a pointer"));
        pointer.truncate(2);
        assert_eq!(pointer, Pointer::parse("/a").expect("a pointer"));
    }

    #[test]
    fn tokens_fit_where_there_are_no_more() {
        for text in ["", "/", "/a", "//", "/a/b", "///", "/long", "/long/a/"] {
            let pointer = Pointer::parse(text).expect("a pointer");
            let count = pointer.tokens().count();
            for limit in 0..10 {
                assert_eq!(pointer.tokens().fit(limit), count <= limit, "{text} in {limit}");
            }
        }
    }

    #[test]
    fn an_escape_is_seen_wherever_it_is() {
        // Among every other byte, also one that differs from `~` in one bit.
        for filler in (0..=u8::MAX).filter(|&byte| byte != b'~') {
            for length in [0, 1, 7, 8, 9, 16, 19] {
                let mut text = vec![filler; length];
                assert!(!has_escapes(&text), "{filler} {length}");
                for at in 0..length {
                    text[at] = b'~';
                    assert!(has_escapes(&text), "{filler} {length} {at}");
                    text[at] = filler;
                }
            }
        }
    }
}
