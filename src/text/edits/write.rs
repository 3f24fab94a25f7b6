//! The text of a patched document: what was not touched is copied byte for byte, white space included.
//!
//! A new element or member looks like its neighbours. It gets the white space in front of the container's second child;
//! where it comes first, or there is no second child, it gets the white space in front of the first. The white space
//! around its colon is that of the first member. `white_space` says how much may be taken over. In a container that was
//! empty a new child is compact.

use std::borrow::Cow;

use super::{
    slots::{Slot, ValueAt},
    text::{Children, Text},
};
use crate::text::white_space::{blanks_before, is_blank, layout_before};

impl Text<'_> {
    /// The text of a value as it is now.
    pub(super) fn written(&self, value: ValueAt) -> Cow<'_, [u8]> {
        if self.is_edited(value) {
            let mut text = Vec::new();
            write_value(self, value, &mut text);
            Cow::Owned(text)
        } else {
            Cow::Borrowed(self.text(value))
        }
    }

    /// The text as it is now.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        document(self, self.target)
    }
}

/// Writes the whole document, with the white space around it.
pub(in crate::text) fn document(text: &Text<'_>, target: &[u8]) -> Vec<u8> {
    let root = text.entry(text.root());
    let mut written = Vec::with_capacity(target.len() + text.growth());
    written.extend_from_slice(&target[..root.start as usize]);
    write_value(text, text.value(text.root()), &mut written);
    written.extend_from_slice(&target[root.end as usize..]);
    written
}

/// Writes a value, without recursion.
fn write_value(text: &Text<'_>, value: ValueAt, written: &mut Vec<u8>) {
    if !text.is_edited(value) {
        return written.extend_from_slice(text.text(value));
    }
    let mut writer = ContainerWriter::begin(text, value, written);
    let mut around = Vec::new();
    loop {
        match writer.advance(written) {
            Some(value) if text.is_edited(value) => {
                around.push(writer);
                writer = ContainerWriter::begin(text, value, written);
            }
            Some(value) => written.extend_from_slice(text.text(value)),
            None => match around.pop() {
                Some(outer) => writer = outer,
                None => return,
            },
        }
    }
}

/// An edited container that is being written.
struct ContainerWriter<'w, 't> {
    container: Original<'w, 't>,
    way: Way<'w>,
}

/// How the children of a container are written.
enum Way<'w> {
    InPlace(InPlace<'w>),
    Anew(Anew<'w>),
}

/// What the text has of a container.
struct Original<'w, 't> {
    text: &'w Text<'t>,
    /// The text of the container, and the address of its first byte.
    own: &'w [u8],
    start: u32,
    is_object: bool,
    /// The children that the text has.
    first: u32,
    count: u32,
}

impl<'w, 't> ContainerWriter<'w, 't> {
    fn begin(text: &'w Text<'t>, value: ValueAt, written: &mut Vec<u8>) -> ContainerWriter<'w, 't> {
        let (start, end) = text.span(value);
        let (first, count) = text.recorded(value);
        let own = text.slice(start, end);
        let container = Original { text, own, start, is_object: own[0] == b'{', first, count };
        let way = match text.appended(value) {
            Some(appended) => Way::InPlace(InPlace { next: first, done: 0, appended, around: None }),
            None => {
                written.push(own[0]);
                let mut children = text.children(value);
                let peeked = children.next();
                Way::Anew(Anew { children, peeked, is_empty: true, trail: None })
            }
        };
        ContainerWriter { container, way }
    }

    /// Writes up to the next value that was edited and returns that, or writes up to the end of the container.
    fn advance(&mut self, written: &mut Vec<u8>) -> Option<ValueAt> {
        match &mut self.way {
            Way::InPlace(children) => children.advance(&self.container, written),
            Way::Anew(children) => children.advance(&self.container, written),
        }
    }
}

/// Children in the order of the text, with what was changed in them, followed by new ones.
struct InPlace<'w> {
    /// The child of the text that comes next.
    next: u32,
    /// Up to where the container's text is written.
    done: usize,
    appended: Children<'w>,
    /// The white space before a new child and around its colon, once there was one.
    around: Option<(&'w [u8], &'w [u8])>,
}

impl<'w> InPlace<'w> {
    fn advance(&mut self, container: &Original<'w, '_>, written: &mut Vec<u8>) -> Option<ValueAt> {
        let Original { text, own, start, first, count, .. } = *container;
        if let Some(slot) = text.first_touched(self.next..first + count) {
            self.next = slot.index() + 1;
            let entry = text.entry(slot);
            written.extend_from_slice(&own[self.done..(entry.start - start) as usize]);
            self.done = (entry.end - start) as usize;
            return Some(text.value(slot));
        }
        self.next = first + count;
        let Some(slot) = self.appended.next() else {
            written.extend_from_slice(&own[self.done..]);
            return None;
        };
        match self.around {
            Some(_) => written.push(b','),
            None if count > 0 => {
                let end = container.end(first + count - 1);
                written.extend_from_slice(&own[self.done..end]);
                written.push(b',');
                self.done = end;
            }
            // An empty container gives up its white space.
            None => {
                written.push(own[0]);
                self.done = own.len() - 1;
            }
        }
        let (lead, colon) = *self.around.get_or_insert_with(|| (container.layout(), container.colon()));
        written.extend_from_slice(lead);
        if container.is_object {
            written.extend_from_slice(text.quoted_name(slot));
            written.extend_from_slice(colon);
        }
        Some(text.value(slot))
    }
}

/// Children that are written one by one, since some are gone or moved.
struct Anew<'w> {
    children: Children<'w>,
    /// The child that comes next, looked at already.
    peeked: Option<Slot>,
    is_empty: bool,
    /// The white space after a child that was just written, in the container's text.
    trail: Option<(usize, usize)>,
}

impl<'w> Anew<'w> {
    fn advance(&mut self, container: &Original<'w, '_>, written: &mut Vec<u8>) -> Option<ValueAt> {
        let Original { text, own, start, is_object, first, count } = *container;
        if let Some((start, end)) = self.trail.take() {
            written.extend_from_slice(&own[start..end]);
        }
        while let Some(slot) = self.peeked {
            self.peeked = self.children.next();
            let is_recorded = (first..first + count).contains(&slot.index());
            if !self.is_empty {
                written.push(b',');
            }
            let is_first = std::mem::take(&mut self.is_empty);
            container.lead(slot, is_first, is_recorded, written);
            if is_recorded {
                let name_start = container.name_start(slot.index());
                if text.is_untouched(slot) {
                    let last = self.run(slot, container);
                    written.extend_from_slice(&own[name_start..container.end(last)]);
                    let (start, end) = container.trail_of(last);
                    written.extend_from_slice(&own[start..end]);
                    continue;
                }
                written.extend_from_slice(&own[name_start..(text.entry(slot).start - start) as usize]);
                self.trail = Some(container.trail_of(slot.index()));
            } else if is_object {
                written.extend_from_slice(text.quoted_name(slot));
                written.extend_from_slice(container.colon());
            }
            return Some(text.value(slot));
        }
        let end = own.len() - 1;
        let start = if self.is_empty { end } else { end - blanks_before(&own[..end]) };
        written.extend_from_slice(&own[start..]);
        None
    }

    /// The last of the recorded children that follow a child as they do in the text, all of them untouched.
    fn run(&mut self, slot: Slot, container: &Original<'_, '_>) -> u32 {
        let mut last = slot.index();
        let follows = |next: &Slot, last| {
            next.index() == last + 1
                && next.index() < container.first + container.count
                && container.text.is_untouched(*next)
        };
        while let Some(next) = self.peeked.filter(|next| follows(next, last)) {
            last = next.index();
            self.peeked = self.children.next();
        }
        last
    }
}

impl<'w> Original<'w, '_> {
    /// The white space that a new child takes over from its neighbour, the second child that the text has or the only
    /// one.
    fn layout(&self) -> &'w [u8] {
        match self.count {
            0 => &[],
            _ => layout_before(&self.own[..self.name_start(self.first + u32::from(self.count > 1))]),
        }
    }

    /// Writes the white space before a child.
    fn lead(&self, slot: Slot, is_first: bool, is_recorded: bool, written: &mut Vec<u8>) {
        if self.count == 0 {
            return;
        }
        let model = match (is_first, is_recorded) {
            (true, _) => self.first,
            (false, true) if slot.index() != self.first => slot.index(),
            (false, _) => self.first + u32::from(self.count > 1),
        };
        let end = self.name_start(model);
        if model == slot.index() {
            written.extend_from_slice(&self.own[end - blanks_before(&self.own[..end])..end]);
        } else {
            written.extend_from_slice(layout_before(&self.own[..end]));
        }
    }

    /// The colon of the first member that the text has, with its white space.
    fn colon(&self) -> &'w [u8] {
        if self.count == 0 {
            return b":";
        }
        let end = (self.text.entry(Slot::at(self.first)).start - self.start) as usize;
        let colon = end - layout_before(&self.own[..end]).len() - 1;
        match self.own[colon] {
            b':' => &self.own[colon - layout_before(&self.own[..colon]).len()..end],
            _ => b":",
        }
    }

    /// Where a recorded child starts in the container's text, its name included.
    fn name_start(&self, child: u32) -> usize {
        let entry = self.text.entry(Slot::at(child));
        let start = if self.is_object { entry.key - 1 } else { entry.start };
        (start - self.start) as usize
    }

    fn end(&self, child: u32) -> usize {
        (self.text.entry(Slot::at(child)).end - self.start) as usize
    }

    /// The white space after a recorded child, which is the container's if the child is the last one.
    fn trail_of(&self, child: u32) -> (usize, usize) {
        let end = self.end(child);
        if child + 1 == self.first + self.count {
            return (end, end);
        }
        (end, end + self.own[end..].iter().take_while(|byte| is_blank(byte)).count())
    }
}
