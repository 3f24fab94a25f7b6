//! Places in an entity, each by the step that leads to it from the one around it: what is held for a place does not grow
//! with the length of its path.

use crate::{
    entity::table::Row,
    patch::pointer::Pointer,
    text::{Slot, Text},
};

/// The places that were looked at.
pub(super) struct Places {
    list: Vec<Place>,
}

/// One of the places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At(u32);

struct Place {
    parent: At,
    step: Step,
    /// Where its value is now, or was, if it is gone.
    slot: Option<Slot>,
}

/// How a place lies in the one around it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Root,
    /// A declared member.
    Row(&'static Row),
    /// An element of an array, 0-based.
    Element(usize),
    /// A member by the name that the text has for it.
    Member(Slot),
}

impl Places {
    pub(super) const ROOT: At = At(0);

    pub(super) fn new(root: Slot) -> Places {
        Places { list: vec![Place { parent: At(0), step: Step::Root, slot: Some(root) }] }
    }

    pub(super) fn push(&mut self, parent: At, step: Step, slot: Option<Slot>) -> At {
        self.list.push(Place { parent, step, slot });
        At(self.list.len() as u32 - 1)
    }

    pub(super) fn slot(&self, at: At) -> Option<Slot> {
        self.list[at.0 as usize].slot
    }

    pub(super) fn parent(&self, at: At) -> At {
        self.list[at.0 as usize].parent
    }

    /// The declared member that a place is or is in, at the top level.
    pub(super) fn top_row(&self, at: At) -> Step {
        let steps = self.steps(at);
        steps.get(1).map_or(Step::Root, |&at| self.list[at.0 as usize].step)
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

    /// The path to a place, in the tables' spelling.
    pub(super) fn pointer(&self, at: At, text: &Text<'_>) -> Pointer {
        let mut pointer = Pointer::ROOT;
        for at in self.steps(at) {
            self.list[at.0 as usize].step.push_to(&mut pointer, text);
        }
        pointer
    }

    /// The path to a place without indices and names of maps.
    pub(super) fn member(&self, at: At) -> Pointer {
        let mut pointer = Pointer::ROOT;
        for at in self.steps(at) {
            if let Step::Row(row) = self.list[at.0 as usize].step {
                pointer.push(row.name);
            }
        }
        pointer
    }
}

impl Step {
    /// Adds the step to the path to the place around it.
    pub(super) fn push_to(self, pointer: &mut Pointer, text: &Text<'_>) {
        match self {
            Step::Root => {}
            Step::Row(row) => pointer.push(row.name),
            Step::Element(index) => pointer.push_index(index),
            Step::Member(slot) => pointer.push(&text.name_of(slot)),
        }
    }
}
