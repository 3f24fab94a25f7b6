//! Which operation of a patch wrote where: a refusal names the last one.

use std::collections::HashMap;

use crate::{
    entity::places::{At, Places},
    text::Slot,
};

/// What was written by which operation: the slots that lead to it, from the root down.
#[derive(Default)]
pub(super) struct WriteLog {
    slots: Vec<WrittenSlot>,
}

/// One of the slots that lead to what an operation wrote.
struct WrittenSlot {
    slot: Slot,
    operation: usize,
    /// It is what was written.
    is_last: bool,
}

/// Which operations wrote where last.
#[derive(Default)]
pub(super) struct LastWrites {
    at: HashMap<Slot, usize>,
    within: HashMap<Slot, usize>,
}

impl WriteLog {
    /// Notes a write by an operation: at the end of a trail, or at a slot below it.
    pub(super) fn push(&mut self, operation: Option<usize>, trail: &[Slot], below: Option<Slot>) {
        /// Room for what so many operations write, each a few levels deep.
        const OPERATIONS: usize = 20;
        const LEVELS: usize = 3;

        let Some(operation) = operation else { return };
        if self.slots.is_empty() {
            self.slots.reserve(OPERATIONS * LEVELS);
        }
        let around = trail.iter().map(|&slot| WrittenSlot { slot, operation, is_last: false });
        self.slots.extend(around);
        self.slots.extend(below.map(|slot| WrittenSlot { slot, operation, is_last: false }));
        if let Some(last) = self.slots.last_mut() {
            last.is_last = true;
        }
    }

    /// The last operations that wrote, by slots: at each, and at or below each.
    pub(super) fn last_writes(&self) -> LastWrites {
        let mut last = LastWrites::default();
        for &WrittenSlot { slot, operation, is_last } in &self.slots {
            last.within.insert(slot, operation);
            if is_last {
                last.at.insert(slot, operation);
            }
        }
        last
    }
}

impl LastWrites {
    /// The last operation that wrote at, above or below a place; where none did, it is what is around that changed.
    pub(super) fn near(&self, places: &Places, at: At) -> Option<usize> {
        let slots: Vec<Slot> = places.steps(at).into_iter().filter_map(|at| places.slot(at)).collect();
        let within = slots.last().and_then(|slot| self.within.get(slot));
        let near = slots.iter().filter_map(|slot| self.at.get(slot)).chain(within).max();
        near.or_else(|| slots.iter().rev().find_map(|slot| self.within.get(slot))).copied()
    }
}
