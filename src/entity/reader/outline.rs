//! Where the values of a text are, so that a place in one can be named, and looked up in another.

use std::borrow::Cow;

use super::cursor::Cursor;

/// The values of a valid JSON text, each before those in it.
pub(crate) struct Outline<'t> {
    text: &'t str,
    nodes: Vec<OutlineNode>,
}

struct OutlineNode {
    /// Where the name of a member starts, at its quote.
    name: Option<usize>,
    start: usize,
    end: usize,
    /// The node after this one and all those in it.
    next: usize,
    parent: usize,
    /// How many values come before it in its container.
    index: usize,
}

impl<'t> Outline<'t> {
    pub(crate) fn of(text: &'t str) -> Outline<'t> {
        let mut cursor = Cursor::new(text);
        let mut nodes: Vec<OutlineNode> = Vec::new();
        // The containers around the place, and how many values each has so far.
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut name = None;
        loop {
            let byte = cursor.peek();
            let start = cursor.at;
            let is_object = open.last().is_some_and(|&(parent, _)| text.as_bytes()[nodes[parent].start] == b'{');
            match byte {
                0 => break,
                b',' | b':' => {
                    cursor.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    cursor.at += 1;
                    let Some((closed, _)) = open.pop() else { break };
                    nodes[closed].next = nodes.len();
                    nodes[closed].end = cursor.at;
                }
                b'"' if is_object && name.is_none() => {
                    name = Some(start);
                    cursor.skip();
                    continue;
                }
                _ => {
                    let index = nodes.len();
                    let (parent, count) = open.last_mut().map_or((index, 0), |(parent, count)| {
                        *count += 1;
                        (*parent, *count - 1)
                    });
                    let is_open = matches!(byte, b'{' | b'[');
                    match is_open {
                        true => cursor.at += 1,
                        false => cursor.skip(),
                    }
                    nodes.push(OutlineNode {
                        name: name.take(),
                        start,
                        end: cursor.at,
                        next: index + 1,
                        parent,
                        index: count,
                    });
                    if is_open {
                        open.push((index, 0));
                    }
                }
            }
            if open.is_empty() {
                break;
            }
        }
        for (index, _) in open {
            nodes[index].next = nodes.len();
            nodes[index].end = text.len();
        }
        Outline { text, nodes }
    }

    /// All values, by their place in the text.
    pub(crate) fn nodes(&self) -> std::ops::Range<usize> {
        0..self.nodes.len()
    }

    /// The members or elements of a value.
    pub(crate) fn children(&self, parent: usize) -> impl Iterator<Item = usize> {
        let end = self.nodes[parent].next;
        let mut next = parent + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.nodes[child].next;
            Some(child)
        })
    }

    /// The name of a member.
    pub(crate) fn name(&self, node: usize) -> Option<Cow<'t, str>> {
        let at = self.nodes[node].name?;
        Some(Cursor { text: self.text, at }.string())
    }

    /// The value of this name in an object.
    pub(crate) fn member(&self, object: usize, name: &str) -> Option<usize> {
        self.children(object).find(|&child| self.name(child).is_some_and(|child| child == name))
    }

    pub(crate) fn start(&self, node: usize) -> usize {
        self.nodes[node].start
    }

    /// The text of a value.
    pub(crate) fn text(&self, node: usize) -> &'t str {
        self.text.get(self.nodes[node].start..self.nodes[node].end).unwrap_or_default()
    }

    /// The first byte of a value.
    pub(crate) fn first(&self, node: usize) -> u8 {
        self.text.as_bytes()[self.nodes[node].start]
    }

    /// The reference tokens that lead to the value that starts at an offset, or whose name does.
    pub(crate) fn path_at(&self, offset: usize) -> Vec<String> {
        let node = self.nodes.iter().position(|node| node.start == offset || node.name == Some(offset));
        node.map(|node| self.path(node)).unwrap_or_default()
    }

    /// The reference tokens that lead to a value.
    pub(crate) fn path(&self, node: usize) -> Vec<String> {
        let mut path = Vec::new();
        let mut node = node;
        while self.nodes[node].parent != node {
            let parent = self.nodes[node].parent;
            path.push(match self.name(node) {
                Some(name) => name.into_owned(),
                None => self.nodes[node].index.to_string(),
            });
            node = parent;
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_place() {
        let outline = Outline::of(r#" {"a":[1 , {"b\n":"x"} , []],"c":null } "#);
        let places: Vec<_> = outline.nodes().map(|node| (outline.path(node).join("/"), outline.text(node))).collect();
        let expected = [
            ("", r#"{"a":[1 , {"b\n":"x"} , []],"c":null }"#),
            ("a", r#"[1 , {"b\n":"x"} , []]"#),
            ("a/0", "1"),
            ("a/1", r#"{"b\n":"x"}"#),
            ("a/1/b\n", r#""x""#),
            ("a/2", "[]"),
            ("c", "null"),
        ];
        assert_eq!(places, expected.map(|(path, text)| (path.to_owned(), text)));
        assert_eq!(outline.member(0, "c"), Some(6));
        assert_eq!(outline.member(0, "b"), None);
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in
            ["", "{", "[", "{\"a", "{\"a\":", "]", "[}", "{]", "\u{1}", "[\u{1}é\"", "{\"a\":[1", ",", "[[[", "\""]
        {
            let outline = Outline::of(text);
            for node in outline.nodes() {
                outline.path(node);
                outline.text(node);
            }
        }
    }
}
