//! JSON and nothing else: reading a text, numbers, names, strings, and when two values are equal. What a patch is, is
//! not known here.

pub(crate) mod bitmap;
pub(crate) mod build;
pub(crate) mod bytes;
pub(crate) mod name;
pub(crate) mod number;
pub(crate) mod scan;
pub(crate) mod string;
pub(crate) mod tape;
pub(crate) mod token;
pub(crate) mod value;
pub(crate) mod walk;
