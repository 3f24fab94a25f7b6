//! The line of a text around a place in it, as a terminal can show it, and a caret under the place.

use unicode_width::UnicodeWidthStr;

/// How much of a line is shown before and after the place, in bytes: together they fit a terminal.
const BEFORE: usize = 60;
const AFTER: usize = 40;

/// A place in a text.
pub struct Excerpt {
    /// 1-based.
    pub line: usize,
    /// In characters, 1-based.
    pub column: usize,
    before: String,
    after: String,
}

impl Excerpt {
    pub fn at(text: &[u8], offset: usize) -> Excerpt {
        let (before, after) = text.split_at(offset.min(text.len()));
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let line = 1 + before[..start].iter().filter(|&&byte| byte == b'\n').count();
        let before = &before[start..];
        let end = after.iter().position(|&byte| byte == b'\n').unwrap_or(after.len());
        Excerpt {
            line,
            column: 1 + String::from_utf8_lossy(before).chars().count(),
            before: clipped_start(before),
            after: clipped_end(&after[..end]),
        }
    }

    /// The line, and a line with the caret.
    pub fn lines(&self) -> (String, String) {
        (format!("{}{}", self.before, self.after).trim_end().to_owned(), " ".repeat(self.before.width()) + "^")
    }
}

fn clipped_start(line: &[u8]) -> String {
    match line.len().checked_sub(BEFORE) {
        Some(cut) if cut > 0 => {
            let start = (cut..line.len()).find(|&at| is_boundary(line[at])).unwrap_or(cut);
            format!("…{}", printable(&String::from_utf8_lossy(&line[start..])))
        }
        _ => printable(&String::from_utf8_lossy(line)),
    }
}

fn clipped_end(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() <= AFTER {
        return printable(&String::from_utf8_lossy(line));
    }
    let end = (0..=AFTER).rev().find(|&at| is_boundary(line[at])).unwrap_or(AFTER);
    format!("{}…", printable(&String::from_utf8_lossy(&line[..end])))
}

/// Whether a character of UTF-8 starts at this byte.
fn is_boundary(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// A text that does nothing to a terminal: what moves its cursor, colours it or turns its direction around is replaced.
pub fn printable(text: &str) -> String {
    let turns = |character| matches!(character, '\u{61C}' | '\u{200E}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let shown = |character: char| match character {
        '\t' => ' ',
        _ if character.is_control() || turns(character) => char::REPLACEMENT_CHARACTER,
        _ => character,
    };
    text.chars().map(shown).collect()
}
