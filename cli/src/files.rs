//! What is read: files and standard input, whole, up to a limit.

use std::{
    fs::File,
    io::{self, Read},
};

use crate::{arguments::Source, excerpt::printable, report::Report};

/// The library takes texts of up to 2 GiB; what is longer need not be read to its end.
const LONGEST: usize = 2 << 30;

/// UTF-8's byte order mark: a file may start with one, a JSON text does not.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A text and where it is from.
pub struct Input {
    /// As it is shown.
    pub name: String,
    bytes: Vec<u8>,
    mark: usize,
}

impl Input {
    pub fn new(name: String, bytes: Vec<u8>) -> Input {
        let mark = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
        Input { name, bytes, mark }
    }

    /// Reads a document.
    pub fn document(source: &Source) -> Result<Input, Report> {
        Input::read(source, LONGEST)
    }

    /// Reads a patch, or one byte more than the limit, which the library then refuses.
    pub fn patch(source: &Source, limit: usize) -> Result<Input, Report> {
        Input::read(source, limit.saturating_add(1))
    }

    fn read(source: &Source, limit: usize) -> Result<Input, Report> {
        let name = match source {
            Source::StandardInput => "standard input".to_owned(),
            Source::File(path) => printable(&path.to_string_lossy()),
        };
        match read(source, limit) {
            Ok(bytes) => Ok(Input::new(name, bytes)),
            Err(error) => Err(Report::unreadable(&name, &error)),
        }
    }

    /// All of it, for the calls that ignore a byte order mark: of the text alone, they would ignore a second one.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text without its byte order mark.
    pub fn text(&self) -> &[u8] {
        &self.bytes[self.mark..]
    }

    /// The byte order mark, if the text starts with one.
    pub fn mark(&self) -> &[u8] {
        &self.bytes[..self.mark]
    }
}

fn read(source: &Source, limit: usize) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    match source {
        Source::StandardInput => io::stdin().lock().take(limit).read_to_end(&mut bytes)?,
        Source::File(path) => {
            let file = File::open(path)?;
            let length = file.metadata()?.len().min(limit);
            // A file of /proc says that it is empty, so the length is only a hint.
            bytes.try_reserve_exact(usize::try_from(length).unwrap_or(0))?;
            file.take(limit).read_to_end(&mut bytes)?
        }
    };
    Ok(bytes)
}
