//! What a type makes of a member's JSON: it is read and written, and what got lost on the way is found out.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use crate::entity::{
    losses::{self, Pass, Written},
    misfit::{Reading, TypeRefusal},
    phrases::ACCEPTED,
    reader::{Missing, ReadFault, Reader, is_equal_but_for_blanks},
};

/// What the type of a member is written with.
pub type Writer<'w> = serde_json::Serializer<&'w mut Output>;

/// What a type writes, up to a length.
pub struct Output {
    json: Vec<u8>,
    limit: usize,
    is_full: bool,
}

impl Output {
    /// For what was read from so many bytes. Defaults make it longer, in each element of a list.
    fn of(read: usize) -> Output {
        const LEAST: usize = 1 << 20;
        const TIMES: usize = 8;

        Output { json: Vec::with_capacity(128), limit: read.saturating_mul(TIMES).max(LEAST), is_full: false }
    }
}

impl Write for Output {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.json.len() + bytes.len() > self.limit {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.json.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads JSON by `read`, and writes what that gave by `write`. `work` is how many more bytes may be read to find out
/// what the type ignores.
pub fn read<T>(
    json: &[u8],
    work: &mut usize,
    read: impl Fn(&mut Reader<'_>) -> Result<T, ReadFault>,
    write: impl Fn(&T, &mut Writer<'_>) -> Result<(), serde_json::Error>,
    skips: impl Fn(&T) -> bool,
) -> Result<Reading, TypeRefusal> {
    run(json, work, &|reader| {
        let value = reader.whole(&read)?;
        let is_left_out = skips(&value);
        let output = Output::of(reader.length());
        Ok(Written { json: spelling(&value, is_left_out, output, &read, &write, &skips)?, is_left_out })
    })
}

/// Whether a type calls two texts equal. What it does not take is equal to nothing.
pub fn equal<T>(
    left: &[u8],
    right: &[u8],
    read: impl Fn(&mut Reader<'_>) -> Result<T, ReadFault>,
    equal: impl Fn(&T, &T) -> bool,
) -> bool {
    let read = |json| Reader::new(text_of(json)?).whole(&read).ok();
    read(left).zip(read(right)).is_some_and(|(left, right)| equal(&left, &right))
}

/// What an absent member without a default reads as: null, where the type takes an absent member.
pub fn missing<T>(read: impl Fn(Missing) -> Result<T, ReadFault>) -> Option<Cow<'static, [u8]>> {
    read(Missing).ok().map(|_| Cow::Borrowed(&b"null"[..]))
}

/// What an absent member with a default reads as: the default, as the type writes it.
pub fn default<T>(
    default: impl Fn() -> T,
    read: impl Fn(&mut Reader<'_>) -> Result<T, ReadFault>,
    write: impl Fn(&T, &mut Writer<'_>) -> Result<(), serde_json::Error>,
    skips: impl Fn(&T) -> bool,
) -> Option<Cow<'static, [u8]>> {
    let value = default();
    spelling(&value, skips(&value), Output::of(0), &read, &write, &skips).ok().map(Cow::Owned)
}

/// Reads JSON as a type of serde reads it.
pub fn value<'de, T: serde::Deserialize<'de>>(json: &'de [u8]) -> Result<T, TypeRefusal> {
    let text = text_of(json).ok_or_else(|| TypeRefusal::expected(Vec::new(), ACCEPTED))?;
    let first = Reader::new(text).whole(|reader| T::deserialize(reader));
    first.map_err(|first| {
        Reader::asking(text).whole(|reader| T::deserialize(reader)).err().unwrap_or(first).into_refusal()
    })
}

/// Reads JSON into a field, and hands out what was there before; `None` where its type does not take the JSON.
pub fn adopt<T>(field: &mut T, json: &[u8], read: impl Fn(&mut Reader<'_>) -> Result<T, ReadFault>) -> Option<T> {
    let value = Reader::new(text_of(json)?).whole(|reader| read(reader)).ok()?;
    Some(std::mem::replace(field, value))
}

/// What a type writes for a value.
fn spelling<T>(
    value: &T,
    is_left_out: bool,
    mut output: Output,
    read: &impl Fn(&mut Reader<'_>) -> Result<T, ReadFault>,
    write: &impl Fn(&T, &mut Writer<'_>) -> Result<(), serde_json::Error>,
    skips: &impl Fn(&T) -> bool,
) -> Result<Vec<u8>, ReadFault> {
    // A `serialize_with` may rely on never being called for what is left out, such as a `None`.
    if is_left_out && Reader::new("null").whole(read).is_ok_and(|null| skips(&null)) {
        return Ok(b"null".to_vec());
    }
    match write(value, &mut Writer::new(&mut output)) {
        Ok(()) => Ok(output.json),
        Err(_) if output.is_full => Err(ReadFault::too_much()),
        Err(error) => Err(serde::de::Error::custom(error)),
    }
}

fn run(json: &[u8], work: &mut usize, pass: Pass<'_>) -> Result<Reading, TypeRefusal> {
    let sent = text_of(json).ok_or_else(|| TypeRefusal::expected(Vec::new(), ACCEPTED))?;
    let mut reader = Reader::new(sent);
    let written = pass(&mut reader).map_err(|fault| why(sent, pass, fault))?;
    let text = text_of(&written.json).ok_or_else(|| TypeRefusal::expected(Vec::new(), ACCEPTED))?;
    // Mostly nothing else is written than was sent.
    let ignored = match reader.ignored.is_empty() && is_equal_but_for_blanks(sent, text) {
        true => Vec::new(),
        false => {
            let ignored = losses::find(sent, reader.ignored, &reader.buffered, &written, work, pass)?;
            if !written.is_left_out {
                read_back(text, pass)?;
            }
            ignored
        }
    };
    Ok(Reading { json: written.json, is_left_out: written.is_left_out, ignored })
}

/// What a type writes must read back to the same JSON.
fn read_back(text: &str, pass: Pass<'_>) -> Result<(), TypeRefusal> {
    match pass(&mut Reader::new(text)) {
        Ok(again) if losses::is_alike(again.json.as_slice(), text.as_bytes()) => Ok(()),
        Ok(_) => Err(TypeRefusal::expected(Vec::new(), ACCEPTED)),
        Err(fault) => Err(TypeRefusal::expected(why(text, pass, fault).misfit.path, ACCEPTED)),
    }
}

/// Why a type does not take a text, after a first reading has failed.
fn why(text: &str, pass: Pass<'_>, first: ReadFault) -> TypeRefusal {
    pass(&mut Reader::asking(text)).err().unwrap_or(first).into_refusal()
}

fn text_of(json: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(json).ok()
}
