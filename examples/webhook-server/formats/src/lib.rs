//! A webhook in the two formats of the API that are not JSON, as the JSON text that they represent: so one set of rules
//! judges all three. Nothing here does I/O, or knows a server.

#![forbid(unsafe_code)]

pub mod form;
pub mod xml;
