//! JSON and nothing else: reading a text, numbers, names, strings, and when two values are equal. What a patch is, is
//! not known here.

pub(crate) mod bitmap;
pub(crate) mod bytes;
pub(crate) mod check;
pub(crate) mod decode;
pub(crate) mod name;
pub(crate) mod number;
pub(crate) mod print;
pub(crate) mod record;
pub(crate) mod serialize;
pub(crate) mod string;
pub(crate) mod syntax;
pub(crate) mod tape;
#[cfg(test)]
mod tests;
pub(crate) mod token;
pub(crate) mod value;
pub(crate) mod walk;
