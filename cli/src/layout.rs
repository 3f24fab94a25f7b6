//! JSON text as it is printed: as it is or indented, and coloured or not. Strings and numbers keep their spelling.

use std::io::{self, Write};

#[derive(Clone, Copy)]
pub struct Layout {
    pub indented: bool,
    pub coloured: bool,
}

const NAME: &str = "\x1b[34m";
const STRING: &str = "\x1b[32m";
const OTHER: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

const INDENT: &[u8] = b"  ";

/// Writes JSON text, which is valid, in a layout. Where it is indented, the text ends with a line feed.
pub fn write(text: &[u8], layout: Layout, output: &mut dyn Write) -> io::Result<()> {
    if !layout.indented && !layout.coloured {
        return output.write_all(text);
    }
    let mut printer = Printer { layout, output, depth: 0 };
    let mut rest = text;
    let mut last = b'[';
    while let [first, ..] = *rest {
        let (token, behind) = rest.split_at(token_length(rest));
        match first {
            b' ' | b'\t' | b'\n' | b'\r' if layout.indented => {}
            b'{' | b'[' => printer.open(first, is_closing(next(behind)))?,
            b'}' | b']' => printer.close(first, last == b'{' || last == b'[')?,
            b',' => printer.comma()?,
            b':' => printer.plain(if layout.indented { b": " } else { b":" })?,
            b'"' => printer.coloured(if next(behind) == Some(b':') { NAME } else { STRING }, token)?,
            b' ' | b'\t' | b'\n' | b'\r' => printer.plain(token)?,
            _ => printer.coloured(OTHER, token)?,
        }
        if !first.is_ascii_whitespace() {
            last = first;
        }
        rest = behind;
    }
    if layout.indented { output.write_all(b"\n") } else { Ok(()) }
}

/// The length of the token or the white space that a text starts with; at least 1.
fn token_length(text: &[u8]) -> usize {
    let run = |is_inside: fn(&u8) -> bool| text.iter().position(|byte| !is_inside(byte)).unwrap_or(text.len());
    match text[0] {
        b'"' => {
            let mut at = 1;
            while at < text.len() && text[at] != b'"' {
                at += if text[at] == b'\\' { 2 } else { 1 };
            }
            text.len().min(at + 1)
        }
        b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
        byte if byte.is_ascii_whitespace() => run(u8::is_ascii_whitespace),
        _ => run(|byte| !byte.is_ascii_whitespace() && !b"{}[],:\"".contains(byte)).max(1),
    }
}

fn next(text: &[u8]) -> Option<u8> {
    text.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

fn is_closing(byte: Option<u8>) -> bool {
    matches!(byte, Some(b'}' | b']'))
}

struct Printer<'o> {
    layout: Layout,
    output: &'o mut dyn Write,
    depth: usize,
}

impl Printer<'_> {
    fn open(&mut self, bracket: u8, is_empty: bool) -> io::Result<()> {
        self.depth += 1;
        self.plain(&[bracket])?;
        if is_empty { Ok(()) } else { self.line() }
    }

    fn close(&mut self, bracket: u8, is_empty: bool) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if !is_empty {
            self.line()?;
        }
        self.plain(&[bracket])
    }

    fn comma(&mut self) -> io::Result<()> {
        self.plain(b",")?;
        self.line()
    }

    fn line(&mut self) -> io::Result<()> {
        if !self.layout.indented {
            return Ok(());
        }
        self.plain(b"\n")?;
        (0..self.depth).try_for_each(|_| self.plain(INDENT))
    }

    fn plain(&mut self, token: &[u8]) -> io::Result<()> {
        self.output.write_all(token)
    }

    fn coloured(&mut self, colour: &str, token: &[u8]) -> io::Result<()> {
        if !self.layout.coloured {
            return self.plain(token);
        }
        self.output.write_all(colour.as_bytes())?;
        self.plain(token)?;
        self.output.write_all(RESET.as_bytes())
    }
}
