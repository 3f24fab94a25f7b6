//! When two values of a text are equal, and what that may cost: everything that is compared is accounted for.

use std::borrow::Cow;

use super::{
    slots::{Slot, ValueAt},
    text::Text,
};
use crate::{
    document::PatchErrorKind,
    json::{
        number,
        string::{has_escapes, unescape},
        tape::Kind,
    },
};

impl Text<'_> {
    /// Accounts for children that are looked at, or bytes that are compared.
    #[inline]
    pub(crate) fn charge(&mut self, items: usize) -> Result<(), PatchErrorKind> {
        match self.work_left.checked_sub(items) {
            Some(left) => {
                self.work_left = left;
                Ok(())
            }
            None => {
                self.is_exhausted = true;
                Err(PatchErrorKind::TooMuchWork)
            }
        }
    }

    /// Accounts for bytes that a type reads.
    pub(crate) fn charge_read(&mut self, bytes: usize) -> Result<(), PatchErrorKind> {
        /// Reading a byte takes as long as comparing so many.
        const TIMES: usize = 8;

        // Twice both texts is what a patch needs that writes each member once, however large the entity is.
        self.read = self.read.saturating_add(bytes);
        let is_again = self.read / 2 > self.target.len() + self.body.len();
        self.charge(if is_again { bytes.saturating_mul(TIMES) } else { bytes })
    }

    /// Whether more was asked for than may be done. What was found since then may be wrong.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// Whether two values are equal: member order is ignored, and numbers are equal when they are numerically equal.
    pub(super) fn equal(&mut self, left: ValueAt, right: ValueAt) -> Result<bool, PatchErrorKind> {
        let mut pairs = Vec::new();
        let mut next = Some((left, right));
        while let Some((left, right)) = next {
            let kind = self.kind(left);
            let is_equal = match kind {
                _ if kind != self.kind(right) => false,
                Kind::Array | Kind::Object => {
                    self.expand(left)?;
                    self.expand(right)?;
                    let is_array = kind == Kind::Array;
                    if is_array {
                        self.pair_elements(left, right, &mut pairs)?
                    } else {
                        self.pair_members(left, right, &mut pairs)?
                    }
                }
                Kind::Null | Kind::Boolean | Kind::Number | Kind::String => {
                    self.are_equal_scalars(kind, left, right)?
                }
            };
            if !is_equal {
                return Ok(false);
            }
            next = pairs.pop();
        }
        Ok(true)
    }

    fn are_equal_scalars(&mut self, kind: Kind, left: ValueAt, right: ValueAt) -> Result<bool, PatchErrorKind> {
        let length = self.text(left).len();
        if let Kind::Number | Kind::String = kind {
            // One may be as long as the text, and be compared again and again.
            self.charge(length)?;
        }
        let (left, right) = (self.text(left), self.text(right));
        Ok(left == right
            || match kind {
                Kind::Number => number::equal_texts(&utf8(left), &utf8(right)),
                Kind::String => {
                    (has_escapes(left) || has_escapes(right)) && unescape(inside(left)) == unescape(inside(right))
                }
                _ => false,
            })
    }

    /// Pairs the elements of two arrays, if there are as many.
    fn pair_elements(
        &mut self,
        left: ValueAt,
        right: ValueAt,
        pairs: &mut Vec<(ValueAt, ValueAt)>,
    ) -> Result<bool, PatchErrorKind> {
        let length = self.length_of(left);
        let is_equal = length == self.length_of(right);
        if is_equal {
            self.charge(length)?;
            let elements = self.children(left).zip(self.children(right));
            pairs.extend(elements.map(|(left, right)| (self.value(left), self.value(right))));
        }
        Ok(is_equal)
    }

    /// Pairs the members of two objects by their names, if each has exactly one partner.
    fn pair_members(
        &mut self,
        left: ValueAt,
        right: ValueAt,
        pairs: &mut Vec<(ValueAt, ValueAt)>,
    ) -> Result<bool, PatchErrorKind> {
        let count = self.count_members(left)?;
        if count != self.count_members(right)? {
            return Ok(false);
        }
        self.charge(count)?;
        let mut bytes = 0;
        let mut by_name = |object| {
            let mut members: Vec<(Cow<'_, str>, Slot)> =
                self.children(object).map(|slot| (self.name(slot), slot)).collect();
            members.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
            bytes += members.iter().map(|(name, _)| name.len()).sum::<usize>();
            members
        };
        let (left, right) = (by_name(left), by_name(right));
        let is_distinct = left.windows(2).all(|pair| pair[0].0 != pair[1].0);
        pairs.extend(left.iter().zip(&right).map(|((_, left), (_, right))| (self.value(*left), self.value(*right))));
        let is_equal = is_distinct && left.iter().map(|(name, _)| name).eq(right.iter().map(|(name, _)| name));
        self.charge(bytes)?;
        Ok(is_equal)
    }

    /// How many members an object has now.
    fn count_members(&mut self, object: ValueAt) -> Result<usize, PatchErrorKind> {
        if !self.is_edited(object) {
            return Ok(self.recorded(object).1 as usize);
        }
        // Those that were removed are passed over.
        let (_, recorded) = self.recorded(object);
        self.charge(recorded as usize + self.list(object).map_or(0, |list| list.slots.len()))?;
        Ok(self.children(object).count())
    }
}

/// A number, or another part of a validated text.
fn utf8(text: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(text)
}

/// What is between the quotes of a string.
pub(super) fn inside(text: &[u8]) -> &[u8] {
    let [_, inside @ .., _] = text else { return text };
    inside
}

#[cfg(test)]
mod tests {
    use crate::text::open_alone;

    /// What types read counts once up to twice the length of both texts, and eight times from there on.
    #[test]
    fn what_is_read_again_and_again_counts_more() {
        let mut text = open_alone(b"[1]", "[10]", 40).expect("two texts of seven bytes");
        let mut left = |bytes| (text.charge_read(bytes).is_ok(), text.work_left, text.is_exhausted());
        assert_eq!(left(14), (true, 26, false));
        assert_eq!(left(1), (true, 25, false));
        assert_eq!(left(1), (true, 17, false));
        assert_eq!(left(2), (true, 1, false));
        assert_eq!(left(1), (false, 1, true));
    }
}
