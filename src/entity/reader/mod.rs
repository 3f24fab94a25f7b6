//! A serde deserializer over JSON text that is known to be valid: it reads what serde_json reads, and knows where a type
//! does not take it, what the type would take there, and what it ignores.
//!
//! The crate's own, since serde_json's errors quote values and have no path; wrappers around it that find out as much
//! take twice the time.

mod access;
mod cursor;
mod deserializer;
mod fault;
mod key;
mod kinds;
mod missing;
mod outline;
mod raw;
mod state;

pub(crate) use self::{
    cursor::{Cursor, Numeral, is_equal_but_for_blanks},
    kinds::is_reserved,
    outline::Outline,
};
pub use self::{fault::ReadFault, missing::Missing, state::Reader};
