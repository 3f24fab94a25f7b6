//! The rules of a dialect and the budgets that hold while one patch is applied.

use super::failure::{PatchErrorKind, Refusal};
use crate::{dialect::Dialect, json::name::Case, patch::pointer::Tokens};

/// The rules and the budgets that hold while one patch is applied.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) case: Case,
    pub(crate) move_and_copy: bool,
    pub(crate) create_parents: bool,
    pub(crate) ignore_missing: bool,
    pub(crate) merge_appends: bool,
    pub(crate) depth: usize,
    copied_bytes_left: usize,
    work: usize,
    work_left: usize,
    most_at_once: usize,
}

impl Context {
    pub(crate) fn new(dialect: &Dialect) -> Context {
        Context {
            case: dialect.case(),
            move_and_copy: dialect.move_and_copy,
            create_parents: dialect.create_parents,
            ignore_missing: dialect.ignore_missing,
            merge_appends: dialect.merge_appends,
            depth: dialect.limits.depth(),
            copied_bytes_left: dialect.limits.copied_bytes,
            work: dialect.limits.work,
            work_left: dialect.limits.work,
            most_at_once: 0,
        }
    }

    /// Starts with another budget for what is searched, shifted and compared.
    pub(crate) fn with_work(mut self, work: usize) -> Context {
        (self.work, self.work_left) = (work, work);
        self
    }

    /// For what is undone: it copies nothing, and was done within the rules and the budgets.
    pub(crate) fn unlimited(case: Case) -> Context {
        let mut context = Context::new(&Dialect::RFC).with_work(usize::MAX);
        (context.case, context.depth) = (case, usize::MAX);
        context
    }

    /// Accounts for members that are searched or shifted one by one, or elements that are shifted.
    pub(crate) fn work(&mut self, items: usize) -> Result<(), PatchErrorKind> {
        self.work_left = self.work_left.checked_sub(items).ok_or(PatchErrorKind::TooMuchWork)?;
        self.most_at_once = self.most_at_once.max(items);
        Ok(())
    }

    /// What may still be done, for one who accounts for it step by step.
    pub(crate) fn work_left(&mut self) -> &mut usize {
        &mut self.work_left
    }

    /// What was accounted for so far.
    pub(crate) fn worked(&self) -> usize {
        self.work - self.work_left
    }

    /// What may be done in all.
    pub(crate) fn work_limit(&self) -> usize {
        self.work
    }

    /// Whether one pass over the whole document is cheap beside what was shifted and searched so far, or the budget
    /// would end soon.
    #[inline]
    pub(crate) fn is_worth_a_pass(&self) -> bool {
        /// Less than what an array of some hundred elements costs for as many operations is not worth it.
        const LITTLE: usize = 1 << 16;
        /// A pass costs a few dozen times what one operation did at most.
        const DOZENS: usize = 32;

        let worked = self.worked();
        worked > LITTLE && worked / DOZENS > self.most_at_once || worked > self.work_left
    }

    /// Accounts for a copy, which is made if it is at most so many bytes long.
    pub(super) fn copy<V>(
        &mut self,
        copy: impl FnOnce(usize) -> Result<Option<(V, usize)>, Refusal>,
    ) -> Result<V, Refusal> {
        let (value, length) = copy(self.copied_bytes_left)?.ok_or(PatchErrorKind::CopiesTooLarge)?;
        self.copied_bytes_left -= length;
        Ok(value)
    }

    /// Refuses a value whose depth, with the tokens that lead to its place, is above the limit.
    pub(crate) fn check_depth(
        &self,
        path: Tokens<'_>,
        is_deeper_than: impl FnOnce(usize) -> bool,
    ) -> Result<(), PatchErrorKind> {
        match self.levels_below(path.count())? {
            levels if is_deeper_than(levels) => Err(PatchErrorKind::TooDeep { limit: self.depth }),
            _ => Ok(()),
        }
    }

    /// As [`check_depth`](Context::check_depth) for a value of the document, where it costs something to look.
    pub(super) fn check_depth_of(
        &mut self,
        path: Tokens<'_>,
        is_deeper_than: impl FnOnce(usize, &mut Context) -> Result<bool, Refusal>,
    ) -> Result<(), Refusal> {
        let levels = self.levels_below(path.count())?;
        match is_deeper_than(levels, self)? {
            true => Err(PatchErrorKind::TooDeep { limit: self.depth }.into()),
            false => Ok(()),
        }
    }

    /// How many levels a value may have where so many tokens lead to it.
    pub(super) fn levels_below(&self, tokens: usize) -> Result<usize, PatchErrorKind> {
        self.depth.checked_sub(tokens).ok_or(PatchErrorKind::TooDeep { limit: self.depth })
    }
}
