//! The rows of this crate beside yyjson, over the same webhook and the same patches as the other benchmarks.

#[path = "../../sample/mod.rs"]
mod sample;

use std::{
    ffi::{c_char, c_void},
    ops::Deref,
    ptr::NonNull,
    slice,
};

use entity_patch::{Dialect, Format, patch_json};
use serde_json::Value;

/// What a row patches, and the patch.
#[derive(Clone)]
pub struct Row {
    pub name: String,
    pub target: &'static str,
    pub body: String,
    pub format: Format,
}

impl Row {
    /// Each row, tried once: both give the same document.
    pub fn all() -> Vec<Row> {
        let row = |name, body, format| Row { name, target: &sample::WEBHOOK, body, format };
        let mut rows = Vec::from(
            [1, 4, 20].map(|count| row(format!("yyjson/{count}"), sample::operations(count), Format::JsonPatch)),
        );
        let merge = include_str!("../../sample/merge.json").to_owned();
        rows.push(row("yyjson/merge".to_owned(), merge, Format::MergePatch));
        for row in &rows {
            let [own, peer]: [Value; 2] =
                [&row.own()[..], &row.peer()].map(|json| serde_json::from_slice(json).expect("both write JSON"));
            assert_eq!(own, peer, "{}", row.name);
        }
        rows
    }

    pub fn own(&self) -> Vec<u8> {
        patch_json(self.target.as_bytes(), self.body.as_bytes(), self.format, &Dialect::SUPEROFFICE)
            .expect("the patch applies")
    }

    pub fn peer(&self) -> Text {
        let mut length = 0;
        let (target, body) = (self.target.as_bytes(), self.body.as_bytes());
        let is_merge = self.format == Format::MergePatch;
        // SAFETY: each pointer goes with the length of what it points to, and nothing is kept of them.
        let start = unsafe {
            let (from, patch) = (target.as_ptr().cast(), body.as_ptr().cast());
            patched_by_yyjson(from, target.len(), patch, body.len(), is_merge, &mut length)
        };
        Text { start: NonNull::new(start.cast()).expect("the patch applies"), length }
    }
}

/// A text that C allocated.
pub struct Text {
    start: NonNull<u8>,
    length: usize,
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: yyjson has written so many bytes there, and nobody else has the pointer.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: the text is from `malloc`, and is freed once.
        unsafe { free(self.start.as_ptr().cast()) }
    }
}

unsafe extern "C" {
    fn patched_by_yyjson(
        target: *const c_char,
        target_length: usize,
        body: *const c_char,
        body_length: usize,
        is_merge: bool,
        length: &mut usize,
    ) -> *mut c_char;

    fn free(pointer: *mut c_void);
}
