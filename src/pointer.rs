//! A JSON Pointer (RFC 6901): the text of a path, proved well formed once, and its reference tokens.
//!
//! How a token finds a member is decided in `name`, how it finds an element in [`Token::existing_index`] and
//! [`Token::insertion_index`]; nothing here looks at a document.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A JSON Pointer (RFC 6901): `""` is the whole document, `/a/0` the first element of the member `a`, `/` the
/// member whose name is empty. In a token `~1` stands for `/` and `~0` for `~`.
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
    /// Empty, or every token behind its slash; every `~` is followed by `0` or `1`.
    text: String,
}

impl Pointer {
    /// The pointer to the whole document, `""`.
    pub const ROOT: Pointer = Pointer { text: String::new() };

    /// The pointer to the whole document, with room for tokens.
    pub(crate) fn with_capacity(bytes: usize) -> Pointer {
        Pointer { text: String::with_capacity(bytes) }
    }

    /// Parses a pointer whose leading slash is required (RFC 6901 section 3).
    ///
    /// # Errors
    ///
    /// - `a/b`: the leading slash is missing.
    /// - `/~2`: `~` is followed by neither `0` nor `1`.
    pub fn parse(text: &str) -> Result<Pointer, ParsePointerError> {
        check(text, false)?;
        Ok(Pointer { text: text.to_owned() })
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
        check(text, true)?;
        Ok(Pointer {
            text: if text.is_empty() || text.starts_with('/') { text.to_owned() } else { format!("/{text}") },
        })
    }

    /// The pointer to a member of the document.
    pub(crate) fn to_member(name: &str) -> Pointer {
        let mut pointer = Pointer::ROOT;
        pointer.push(name);
        pointer
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
        Tokens::of(&self.text)
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
        self.text.push('/');
        if !name.contains(['~', '/']) {
            return self.text.push_str(name);
        }
        for character in name.chars() {
            match character {
                '~' => self.text.push_str("~0"),
                '/' => self.text.push_str("~1"),
                _ => self.text.push(character),
            }
        }
    }

    /// Appends a token for the element at `index`.
    pub(crate) fn push_index(&mut self, index: usize) {
        self.push(&index.to_string());
    }

    /// Removes the last token; the root stays the root.
    pub fn pop(&mut self) {
        self.text.truncate(self.text.rfind('/').unwrap_or(0));
    }
}

/// Whether a text has a `~`. Eight bytes at a time.
#[inline]
pub(crate) fn has_escapes(text: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let is_in = |word: u64| {
        let zero = word ^ (ONES * u64::from(b'~'));
        zero.wrapping_sub(ONES) & !zero & (ONES << 7) != 0
    };

    match text.last_chunk::<8>() {
        Some(last) => {
            let (chunks, _) = text.as_chunks::<8>();
            chunks.iter().any(|chunk| is_in(u64::from_le_bytes(*chunk))) || is_in(u64::from_le_bytes(*last))
        }
        None => text.contains(&b'~'),
    }
}

/// Whether a text is a pointer.
pub(crate) fn check(text: &str, optional_slash: bool) -> Result<(), ParsePointerError> {
    if !optional_slash && !text.is_empty() && !text.starts_with('/') {
        return Err(ParsePointerError { offset: 0, kind: PointerErrorKind::MissingSlash });
    }
    if !has_escapes(text.as_bytes()) {
        return Ok(());
    }
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

/// The reference tokens of a [`Pointer`], from the root down. As an iterator, those that are left.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'p> {
    /// The tokens that are left with slashes between them; `None` if none is.
    rest: Option<&'p str>,
}

impl<'p> Tokens<'p> {
    /// The tokens of a pointer's text, which is well formed; the leading slash may be missing.
    pub(crate) fn of(text: &'p str) -> Tokens<'p> {
        Tokens { rest: if text.is_empty() { None } else { Some(text.strip_prefix('/').unwrap_or(text)) } }
    }

    /// Whether no token is left: a path to the whole document.
    pub(crate) fn is_root(self) -> bool {
        self.rest.is_none()
    }

    /// Whether at most `limit` tokens are left. They are only counted where there may be more.
    pub(crate) fn fit(self, limit: usize) -> bool {
        self.rest.is_none_or(|rest| rest.len() < limit || self.count() <= limit)
    }

    /// The tokens before the last one, and the last one.
    pub(crate) fn split_last(self) -> Option<(Tokens<'p>, Token<'p>)> {
        let rest = self.rest?;
        let mut has_escapes = false;
        let slash = rest.bytes().rposition(|byte| {
            has_escapes |= byte == b'~';
            byte == b'/'
        });
        Some(match slash {
            Some(slash) => (Tokens { rest: Some(&rest[..slash]) }, Token { escaped: &rest[slash + 1..], has_escapes }),
            None => (Tokens { rest: None }, Token { escaped: rest, has_escapes }),
        })
    }

    /// The pointer that has these tokens.
    pub(crate) fn to_pointer(self) -> Pointer {
        match self.rest {
            Some(rest) => {
                let mut text = String::with_capacity(rest.len() + 1);
                text.push('/');
                text.push_str(rest);
                Pointer { text }
            }
            None => Pointer::ROOT,
        }
    }
}

impl<'p> Iterator for Tokens<'p> {
    type Item = Token<'p>;

    fn next(&mut self) -> Option<Token<'p>> {
        let rest = self.rest?;
        let mut has_escapes = false;
        let slash = rest.bytes().position(|byte| {
            has_escapes |= byte == b'~';
            byte == b'/'
        });
        let (escaped, rest) = match slash {
            Some(slash) => (&rest[..slash], Some(&rest[slash + 1..])),
            None => (rest, None),
        };
        self.rest = rest;
        Some(Token { escaped, has_escapes })
    }
}

/// One reference token of a [`Pointer`], still escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'p> {
    escaped: &'p str,
    /// Whether there is a `~` in it.
    has_escapes: bool,
}

impl<'p> Token<'p> {
    /// The member's name: `~1` read as `/`, `~0` as `~` (RFC 6901 section 4). Borrowed where nothing is escaped.
    #[inline]
    pub fn name(self) -> Cow<'p, str> {
        match self.has_escapes {
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
#[error("{kind} (byte {offset} of the path)")]
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum PointerErrorKind {
    #[error("the leading `/` is missing")]
    MissingSlash,
    #[error("`~` is followed by neither `0` nor `1`")]
    BadEscape,
}
