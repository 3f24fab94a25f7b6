//! A list whose elements are inserted and removed anywhere at a cost that hardly depends on its length: it is cut into
//! chunks, so that only what follows in one chunk is shifted.

use std::{iter, slice};

/// The most elements of a chunk. Shifting half of so many costs about as much as finding the chunk in a list of
/// 100,000.
const CHUNK: usize = 1024;

/// A list in chunks.
#[derive(Debug)]
pub(crate) struct Sequence<T> {
    /// The first chunk, which may be empty, and the others, none of which is. No chunk is longer than [`CHUNK`].
    first: Vec<T>,
    others: Vec<Vec<T>>,
    length: usize,
}

/// The elements of a list in chunks.
pub(crate) type Iter<'s, T> = iter::Chain<slice::Iter<'s, T>, iter::Flatten<slice::Iter<'s, Vec<T>>>>;

impl<T> Sequence<T> {
    pub(crate) const fn new() -> Sequence<T> {
        Sequence { first: Vec::new(), others: Vec::new(), length: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The element at an index that is below the length.
    pub(crate) fn get_mut(&mut self, index: usize) -> &mut T {
        let (place, index) = self.find(index);
        &mut self.chunk_mut(place)[index]
    }

    /// Inserts an element before the one that has this index now, which is at most the length.
    pub(crate) fn insert(&mut self, index: usize, value: T) {
        let (place, index) = match index == self.length {
            true => (self.others.len(), self.others.last().unwrap_or(&self.first).len()),
            false => self.find(index),
        };
        let chunk = self.chunk_mut(place);
        chunk.insert(index, value);
        if chunk.len() > CHUNK {
            // Elements that are appended one by one leave full chunks.
            let half = if index + 1 == chunk.len() { index } else { CHUNK / 2 };
            let rest = chunk.split_off(half);
            self.others.insert(place, rest);
        }
        self.length += 1;
    }

    /// Removes the element at an index that is below the length.
    pub(crate) fn remove(&mut self, index: usize) -> T {
        let (place, index) = self.find(index);
        let chunk = self.chunk_mut(place);
        let value = chunk.remove(index);
        if chunk.is_empty() && place > 0 {
            self.others.remove(place - 1);
        }
        self.length -= 1;
        value
    }

    pub(crate) fn iter(&self) -> Iter<'_, T> {
        self.first.iter().chain(self.others.iter().flatten())
    }

    fn chunk_mut(&mut self, place: usize) -> &mut Vec<T> {
        match place.checked_sub(1) {
            None => &mut self.first,
            Some(place) => &mut self.others[place],
        }
    }

    /// The chunk of an index that is below the length, and the index in it.
    fn find(&self, mut index: usize) -> (usize, usize) {
        let mut place = 0;
        for chunk in iter::once(&self.first).chain(&self.others) {
            match index.checked_sub(chunk.len()) {
                Some(rest) => index = rest,
                None => break,
            }
            place += 1;
        }
        (place, index)
    }
}

impl<T> FromIterator<T> for Sequence<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Sequence<T> {
        let mut elements = elements.into_iter();
        let mut chunk = || {
            // With room for a few more, which is what a list is made for.
            let mut chunk = Vec::with_capacity((elements.size_hint().0 + 4).min(CHUNK + 1));
            chunk.extend(elements.by_ref().take(CHUNK));
            chunk
        };
        let first = chunk();
        let others: Vec<Vec<T>> = match first.len() {
            CHUNK => iter::from_fn(|| Some(chunk()).filter(|chunk| !chunk.is_empty())).collect(),
            _ => Vec::new(),
        };
        let length = first.len() + others.iter().map(Vec::len).sum::<usize>();
        Sequence { first, others, length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_a_list() {
        let mut list: Vec<usize> = (0..5000).collect();
        let mut sequence: Sequence<usize> = list.iter().copied().collect();
        // A small generator of its own: the test is the same every time.
        let mut random: u64 = 1;
        for step in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let roll = (random >> 33) as usize;
            if list.is_empty() || roll % 5 < 2 {
                let index = (roll / 5) % (list.len() + 1);
                list.insert(index, step);
                sequence.insert(index, step);
            } else {
                let index = if roll % 5 == 2 { 0 } else { (roll / 5) % list.len() };
                assert_eq!(*sequence.get_mut(index), list[index]);
                assert_eq!(sequence.remove(index), list.remove(index));
            }
            assert_eq!(sequence.len(), list.len());
            assert!(sequence.first.len() <= CHUNK);
            assert!(sequence.others.iter().all(|chunk| (1..=CHUNK).contains(&chunk.len())));
        }
        assert!(sequence.iter().eq(&list));
    }

    #[test]
    fn what_is_appended_fills_chunks() {
        let mut sequence = Sequence::new();
        (0..3 * CHUNK).for_each(|index| sequence.insert(index, index));
        assert_eq!((sequence.first.len(), sequence.others.len()), (CHUNK, 2));
        // In the middle, there is room in both halves.
        sequence.insert(0, 0);
        assert_eq!((sequence.first.len(), sequence.others.len()), (CHUNK / 2, 3));
    }
}
