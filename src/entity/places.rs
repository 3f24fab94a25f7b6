//! Places in an entity, each by the step that leads to it from the one around it: what is held for a place does not grow
//! with the length of its path.

use std::borrow::Cow;

use crate::{
    entity::table::Row,
    patch::pointer::Pointer,
    text::{Slot, Text},
};

/// The places that were looked at.
#[derive(Clone, Default)]
pub(super) struct Places {
    list: Vec<Place>,
    /// The names that are kept, one after the other.
    names: String,
}

/// One of the places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct At(u32);

#[derive(Clone)]
struct Place {
    parent: At,
    /// The place at the top level that this one is in, or is.
    top: At,
    step: Step,
    /// Where its value is now, or was, if it is gone.
    slot: Option<Slot>,
    /// The names that lead to it are kept.
    is_named: bool,
}

/// How a place lies in the one around it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Root,
    /// A declared member.
    Row(&'static Row),
    /// An element of an array, 0-based.
    Element(usize),
    /// Behind the last element of an array.
    End,
    /// A member by the name that the text has for it.
    Member(Slot),
    /// A member by its name, which is kept beside the places: where that starts and ends.
    Named {
        start: u32,
        end: u32,
    },
}

impl Places {
    pub(super) const ROOT: At = At(0);

    pub(super) fn new(root: Slot) -> Places {
        /// Room for what a short patch changes.
        const ROOM: usize = 24;

        let mut list = Vec::with_capacity(ROOM);
        list.push(Place { parent: At(0), top: At(0), step: Step::Root, slot: Some(root), is_named: true });
        Places { list, names: String::new() }
    }

    pub(super) fn push(&mut self, parent: At, step: Step, slot: Option<Slot>) -> At {
        let at = At(self.list.len() as u32);
        let top = if parent == Places::ROOT { at } else { self.list[parent.0 as usize].top };
        self.list.push(Place { parent, top, step, slot, is_named: false });
        at
    }

    pub(super) fn slot(&self, at: At) -> Option<Slot> {
        self.list[at.0 as usize].slot
    }

    pub(super) fn parent(&self, at: At) -> At {
        self.list[at.0 as usize].parent
    }

    /// How a place lies in the one around it.
    pub(super) fn step(&self, at: At) -> Step {
        self.list[at.0 as usize].step
    }

    /// The member that a place is or is in, at the top level.
    pub(super) fn top(&self, at: At) -> Step {
        self.step(self.list[at.0 as usize].top)
    }

    /// The places from the root down to this one.
    pub(super) fn steps(&self, mut at: At) -> Vec<At> {
        let mut steps = vec![at];
        while at != Places::ROOT {
            at = self.parent(at);
            steps.push(at);
        }
        steps.reverse();
        steps
    }

    /// Keeps the names that lead to these places, so that their paths can be told when the text is gone.
    pub(super) fn keep_names(&mut self, ends: impl ExactSizeIterator<Item = At>, text: &Text<'_>) {
        /// Room for a short name.
        const ROOM: usize = 16;

        let room = ROOM * ends.len();
        for mut at in ends {
            while !std::mem::replace(&mut self.list[at.0 as usize].is_named, true) {
                if let Step::Member(slot) = self.step(at) {
                    if self.names.is_empty() {
                        self.names.reserve(room);
                    }
                    // Names are no longer than the texts, which an address of this size can count.
                    let start = self.names.len() as u32;
                    self.names.push_str(&text.name(slot));
                    self.list[at.0 as usize].step = Step::Named { start, end: self.names.len() as u32 };
                }
                at = self.parent(at);
            }
        }
    }

    /// The path to a place, in the tables' spelling; `name` knows the names that are not kept.
    pub(super) fn pointer<'n>(&self, at: At, name: impl Fn(Slot) -> Cow<'n, str>) -> Pointer {
        let mut pointer = Pointer::ROOT;
        for at in self.steps(at) {
            match self.step(at) {
                Step::Named { start, end } => pointer.push(&self.names[start as usize..end as usize]),
                step => step.push_to(&mut pointer, &name),
            }
        }
        pointer
    }

    /// The path to a place without indices and names of maps.
    pub(super) fn member(&self, at: At) -> Pointer {
        let mut pointer = Pointer::ROOT;
        for at in self.steps(at) {
            if let Step::Row(row) = self.step(at) {
                pointer.push(row.name);
            }
        }
        pointer
    }
}

impl Step {
    /// Adds the step to the path to the place around it.
    pub(super) fn push_to<'n>(self, pointer: &mut Pointer, name: impl Fn(Slot) -> Cow<'n, str>) {
        match self {
            // The places around know a name that is kept.
            Step::Root | Step::Named { .. } => {}
            Step::Row(row) => pointer.push(row.name),
            Step::Element(index) => pointer.push_index(index),
            Step::End => pointer.push("-"),
            Step::Member(slot) => pointer.push(&name(slot)),
        }
    }
}

/// The path that steps from the root down lead to, in the tables' spelling.
pub(super) fn pointer_of(steps: &[Step], text: &Text<'_>) -> Pointer {
    let mut pointer = Pointer::ROOT;
    for step in steps {
        step.push_to(&mut pointer, |slot| text.name(slot));
    }
    pointer
}
