//! Where a reader is in its text, and what it has met so far.

use std::{any::type_name, borrow::Cow};

use serde::de::Visitor;

use super::{cursor::Cursor, fault::ReadFault};
use crate::entity::phrases::{self, Phrase};

/// How deep a value may be nested, as for serde_json.
const MAX_LEVELS: u8 = 127;

/// Reads a JSON text.
pub struct Reader<'de> {
    pub(super) cursor: Cursor<'de>,
    pub(super) level: u8,
    /// Whether each visitor is asked what it expects before it sees a value: once a first reading has failed.
    pub(super) asks: bool,
    /// Whether serde may buffer what is read, so that it does not say what the type ignores.
    pub(super) is_buffering: bool,
    /// Where the values are that the type ignores.
    pub(crate) ignored: Vec<usize>,
    /// Where the values are that serde may have buffered, but for those in one another.
    pub(crate) buffered: Vec<usize>,
}

impl<'de> Reader<'de> {
    pub(crate) fn new(text: &'de str) -> Reader<'de> {
        let cursor = Cursor::new(text);
        Reader { cursor, level: 0, asks: false, is_buffering: false, ignored: Vec::new(), buffered: Vec::new() }
    }

    /// A reader that finds out why a type does not take a text. It takes its time.
    pub(crate) fn asking(text: &'de str) -> Reader<'de> {
        Reader { asks: true, ..Reader::new(text) }
    }

    /// The length of the text, in bytes.
    pub(crate) fn length(&self) -> usize {
        self.cursor.text.len()
    }

    /// Reads the whole text as one value.
    pub(crate) fn whole<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'de>) -> Result<T, ReadFault>,
    ) -> Result<T, ReadFault> {
        self.cursor.peek();
        let start = self.cursor.at;
        let value = read(self).map_err(|fault| self.settle_read(fault, start))?;
        match self.cursor.peek() {
            0 => Ok(value),
            _ => Err(ReadFault::length()),
        }
    }

    /// What the visitor expects, if that is of interest.
    #[inline]
    pub(super) fn ask<V: Visitor<'de>>(&self, visitor: &V) -> Option<Phrase> {
        match self.asks {
            true => phrases::of_visitor(visitor, size_of::<V>() == 0, type_name::<V::Value>()),
            false => None,
        }
    }

    /// Settles a fault of a value that was read to its end.
    #[cold]
    pub(super) fn settle_read(&self, fault: ReadFault, start: usize) -> ReadFault {
        match self.asks {
            true => fault.settle_read(self.value_at(start), self.has_buffered(start)),
            false => fault,
        }
    }

    /// Settles a fault of a container's visitor.
    #[cold]
    pub(super) fn settle_container(&self, fault: ReadFault, start: usize, asked: Option<Phrase>) -> ReadFault {
        match self.asks {
            true => fault.settle_container(asked, self.value_at(start), self.has_buffered(start)),
            false => fault,
        }
    }

    pub(super) fn value_at(&self, start: usize) -> &'de str {
        Cursor { at: start, ..self.cursor }.skipped()
    }

    pub(super) fn has_buffered(&self, start: usize) -> bool {
        self.buffered.last().is_some_and(|&last| last >= start)
    }

    /// Where a container begins, one level down.
    pub(super) fn enter(&mut self) -> Result<(), ReadFault> {
        if self.level == MAX_LEVELS {
            return Err(ReadFault::expected(format!("at most {MAX_LEVELS} levels")));
        }
        self.level += 1;
        self.cursor.at += 1;
        Ok(())
    }

    /// Where a container ends. The type may have left something in it.
    pub(super) fn leave(&mut self, end: u8) -> Result<(), ReadFault> {
        self.level -= 1;
        if self.cursor.consume(end) { Ok(()) } else { Err(ReadFault::length()) }
    }

    pub(super) fn string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        match self.cursor.string() {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_str(&text),
        }
    }
}
