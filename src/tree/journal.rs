//! What a merge did to a tree, so that a failure leaves no mark: the members that it went through, and for each change
//! what was there before.

use std::borrow::Cow;

use serde_json::Value;

use super::{nodes::TreeNodes, undo::restore};
use crate::{
    document::{Change, Container, Context, Nodes, ObjectNodes, PatchErrorKind, Refusal, merge},
    json::{name::Case, value},
};

/// The steps of a merge, in order. They lie in one row: to make room is what costs, beside a merge of a few members.
pub(super) struct UndoJournal<'p> {
    steps: Vec<UndoStep<'p>>,
}

enum UndoStep<'p> {
    /// What follows is inside the member of this name.
    Enter(Cow<'p, str>),
    /// What follows is outside again.
    Leave,
    /// The member of this name was changed, or without a name the value itself.
    Made(Option<Cow<'p, str>>, Change, Option<Value>),
}

impl<'p> merge::Journal<'p, Value> for UndoJournal<'p> {
    #[inline(always)]
    fn enter(&mut self, name: &Cow<'p, str>) {
        self.steps.push(UndoStep::Enter(name.clone()));
    }

    #[inline(always)]
    fn leave(&mut self) {
        self.steps.push(UndoStep::Leave);
    }

    #[inline(always)]
    fn record(&mut self, name: Option<&Cow<'p, str>>, change: Change, old: Option<Value>) {
        self.steps.push(UndoStep::Made(name.cloned(), change, old));
    }
}

impl UndoJournal<'_> {
    /// With room for this many steps, or for so many that making room for the others does not matter.
    pub(super) fn with_capacity(count: usize) -> UndoJournal<'static> {
        UndoJournal { steps: Vec::with_capacity(count.clamp(8, 64)) }
    }

    /// Lets the old values go.
    pub(super) fn discard(self) {
        for step in self.steps {
            match step {
                UndoStep::Made(_, _, Some(old)) => value::discard(old),
                UndoStep::Made(..) | UndoStep::Enter(_) | UndoStep::Leave => {}
            }
        }
    }

    /// Takes every change back, the last one first. Each name selects the same member again.
    #[cold]
    pub(super) fn roll_back(self, root: &mut Value, case: Case) {
        let mut context = Context::unlimited(case);
        // Each change with the number of the member that it was made in; 0 is the whole.
        let (mut entered, mut changes, mut here) = (vec![(0, Cow::Borrowed(""))], Vec::new(), 0);
        for step in self.steps {
            match step {
                UndoStep::Enter(name) => {
                    entered.push((here, name));
                    here = entered.len() - 1;
                }
                UndoStep::Leave => here = entered[here].0,
                UndoStep::Made(name, change, old) => changes.push((here, name, change, old.unwrap_or_default())),
            }
        }
        while let Some((mut place, name, change, old)) = changes.pop() {
            // What was replaced is itself the place of the change; else that is what is around the member.
            let replaced = name.as_deref().filter(|_| matches!(change, Change::Replaced));
            let mut names = Vec::from_iter(replaced);
            while place > 0 {
                names.push(&*entered[place].1);
                place = entered[place].0;
            }
            let place = find(root, names.into_iter().rev(), &mut context);
            debug_assert!(place.is_ok(), "a change is undone in the tree that it left");
            if let Ok(place) = place {
                value::discard(restore(change, place, name.as_deref().unwrap_or_default(), old));
            }
        }
    }
}

/// The member that names lead to.
fn find<'v, 'n>(
    root: &'v mut Value,
    names: impl Iterator<Item = &'n str>,
    context: &mut Context,
) -> Result<&'v mut Value, Refusal> {
    let mut value = root;
    for name in names {
        value = match TreeNodes::open(value)? {
            Container::Object(object) => TreeNodes::member(object, name, context)?,
            Container::Array(_) | Container::Null | Container::Scalar => None,
        }
        .ok_or(PatchErrorKind::NotFound)?;
    }
    Ok(value)
}
