//! A list whose elements are inserted and removed anywhere at a cost that hardly depends on its length: it is cut into
//! chunks, so that only what follows in one chunk is shifted.

/// The most elements of a chunk. Shifting half of so many costs about as much as finding the chunk in a list of 100,000.
const CHUNK: usize = 1024;

/// A list in chunks.
#[derive(Debug)]
pub(crate) struct Sequence<T> {
    /// None is empty, and none is longer than [`CHUNK`].
    chunks: Vec<Vec<T>>,
    length: usize,
}

impl<T> Sequence<T> {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The element at an index that is below the length.
    pub(crate) fn get_mut(&mut self, index: usize) -> &mut T {
        let (chunk, index) = self.find(index);
        &mut self.chunks[chunk][index]
    }

    /// Inserts an element before the one that has this index now, which is at most the length.
    pub(crate) fn insert(&mut self, index: usize, value: T) {
        let (place, index) = if index == self.length {
            match self.chunks.last() {
                Some(last) => (self.chunks.len() - 1, last.len()),
                None => {
                    self.chunks.push(Vec::new());
                    (0, 0)
                }
            }
        } else {
            self.find(index)
        };
        let chunk = &mut self.chunks[place];
        chunk.insert(index, value);
        self.length += 1;
        if chunk.len() > CHUNK {
            // Elements that are appended one by one leave full chunks behind.
            let half = if index + 1 == chunk.len() { index } else { CHUNK / 2 };
            let rest = chunk.split_off(half);
            self.chunks.insert(place + 1, rest);
        }
    }

    /// Removes the element at an index that is below the length.
    pub(crate) fn remove(&mut self, index: usize) -> T {
        let (place, index) = self.find(index);
        let value = self.chunks[place].remove(index);
        self.length -= 1;
        if self.chunks[place].is_empty() {
            self.chunks.remove(place);
        }
        value
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    /// The chunk of an index that is below the length, and the index in it.
    fn find(&self, mut index: usize) -> (usize, usize) {
        let place = self.chunks.iter().position(|chunk| match index.checked_sub(chunk.len()) {
            Some(rest) => {
                index = rest;
                false
            }
            None => true,
        });
        (place.unwrap_or(self.chunks.len()), index)
    }
}

impl<T> FromIterator<T> for Sequence<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Sequence<T> {
        let mut sequence = Sequence { chunks: Vec::new(), length: 0 };
        let mut elements = elements.into_iter();
        loop {
            let mut chunk = Vec::with_capacity(elements.size_hint().0.min(CHUNK));
            chunk.extend(elements.by_ref().take(CHUNK));
            if chunk.is_empty() {
                return sequence;
            }
            sequence.length += chunk.len();
            sequence.chunks.push(chunk);
        }
    }
}

impl<T> IntoIterator for Sequence<T> {
    type Item = T;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<T>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.chunks.into_iter().flatten()
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
        let mut random: usize = 1;
        for step in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let roll = random >> 33;
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
        }
        assert!(sequence.iter().eq(&list));
        assert!(sequence.into_iter().eq(list));
    }
}
