//! A webhook in the two formats of the API that are not JSON, as the JSON text that they represent: so one set of rules
//! judges all three. Nothing here does I/O, or knows a server.

#![forbid(unsafe_code)]

pub mod form;
mod natural;
pub mod xml;

/// What is wrong with a body that could use up the stack.
const TOO_DEEP: &str = "it is nested deeper than the limit";
