//! Where in a patch the cause of an error is, as a byte offset.
//!
//! The library says where a text is malformed. For what an operation says it gives the operation's index and its path:
//! they are looked up here. Texts come as they were sent, so that every step may end at nothing.

use std::ops::Range;

use entity_patch::{MalformedOperation, ParseError, ParseErrorKind, PatchError, PatchErrorKind};

/// Where a body is malformed; `None` where it is the body as a whole.
pub fn parse_error(body: &[u8], error: &ParseError) -> Option<usize> {
    if let Some(position) = error.position() {
        return Some(offset(body, position));
    }
    if let ParseErrorKind::TooManyOperations { limit } = *error.kind() {
        return children(body, root(body)).nth(limit).map(|child| child.value);
    }
    let Some(index) = error.operation() else {
        let is_shape = matches!(error.kind(), ParseErrorKind::NotAnArray | ParseErrorKind::NotAnObject);
        return is_shape.then(|| root(body));
    };
    let operation = children(body, root(body)).nth(index)?.value;
    let name = match *error.kind() {
        ParseErrorKind::MalformedOperation(MalformedOperation::NotAString(member))
        | ParseErrorKind::MalformedPath { member, .. }
        | ParseErrorKind::PointerTooLong { member, .. } => Some(member),
        ParseErrorKind::MalformedOperation(MalformedOperation::UnknownOp) | ParseErrorKind::UnsupportedOperation => {
            Some("op")
        }
        ParseErrorKind::TooDeep { .. } => Some("value"),
        _ => None,
    };
    Some(name.and_then(|name| member(body, operation, name)).unwrap_or(operation))
}

/// The place in a patch that does not fit its target.
pub fn patch_error(body: &[u8], error: &PatchError) -> Option<usize> {
    let path = error.path()?;
    let Some(index) = error.operation() else {
        // A merge patch: as far along the path as its names are in the body.
        let mut place = root(body);
        for token in path.tokens() {
            let Some(next) = member(body, place, &token.name()) else { break };
            place = next;
        }
        return Some(place);
    };
    let operation = children(body, root(body)).nth(index)?.value;
    let names_it = |name: &&str| {
        let text = member(body, operation, name).and_then(|at| string(body, at));
        text.is_some_and(|text| text == path.as_str() || path.as_str().strip_prefix('/') == Some(&text))
    };
    let name = match error.kind() {
        PatchErrorKind::TestFailed => "value",
        PatchErrorKind::UnsupportedOperation => "op",
        _ => ["path", "from"].into_iter().find(names_it).unwrap_or("path"),
    };
    Some(member(body, operation, name).unwrap_or(operation))
}

/// The offset of a line and a byte of that line, both 1-based.
pub fn offset(text: &[u8], (line, column): (usize, usize)) -> usize {
    let start: usize = text.split_inclusive(|&byte| byte == b'\n').take(line - 1).map(<[u8]>::len).sum();
    start + column - 1
}

fn root(text: &[u8]) -> usize {
    after_space(text, 0)
}

/// The value of the last member of this name.
fn member(text: &[u8], object: usize, name: &str) -> Option<usize> {
    let is_it = |child: &Child| child.name.as_ref().and_then(|at| string(text, at.start)).as_deref() == Some(name);
    children(text, object).filter(is_it).last().map(|child| child.value)
}

/// The string at an offset, if there is one.
fn string(text: &[u8], at: usize) -> Option<String> {
    serde_json::from_slice(&text[at..string_end(text, at)?]).ok()
}

/// The children of the container at an offset; none of anything else.
fn children(text: &[u8], container: usize) -> Children<'_> {
    let bracket = text.get(container).copied();
    let at = if matches!(bracket, Some(b'[' | b'{')) { container + 1 } else { text.len() };
    Children { text, at, is_object: bracket == Some(b'{'), is_first: true }
}

struct Child {
    name: Option<Range<usize>>,
    value: usize,
}

struct Children<'t> {
    text: &'t [u8],
    at: usize,
    is_object: bool,
    is_first: bool,
}

impl Iterator for Children<'_> {
    type Item = Child;

    fn next(&mut self) -> Option<Child> {
        let text = self.text;
        let mut at = after_space(text, self.at);
        if !self.is_first {
            at = after(text, at, b',')?;
        }
        self.is_first = false;
        let mut name = None;
        if self.is_object {
            let end = string_end(text, at)?;
            name = Some(at..end);
            at = after(text, after_space(text, end), b':')?;
        }
        if matches!(text.get(at), None | Some(b']' | b'}')) {
            return None;
        }
        self.at = value_end(text, at);
        Some(Child { name, value: at })
    }
}

/// The offset after this byte and the white space that follows.
fn after(text: &[u8], at: usize, byte: u8) -> Option<usize> {
    (text.get(at) == Some(&byte)).then(|| after_space(text, at + 1))
}

fn after_space(text: &[u8], at: usize) -> usize {
    let space = text.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_whitespace());
    at + space.count()
}

/// The end of the string at an offset; `None` where there is none, or it does not end.
fn string_end(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The end of the value at an offset, or of the text.
fn value_end(text: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => at = string_end(text, at).unwrap_or(text.len()),
            b'[' | b'{' => {
                depth += 1;
                at += 1;
            }
            b']' | b'}' | b',' if depth == 0 => return at,
            b']' | b'}' => {
                depth -= 1;
                at += 1;
            }
            _ => at += 1,
        }
        if depth == 0 && matches!(byte, b'"' | b']' | b'}') {
            return at;
        }
    }
    text.len()
}
