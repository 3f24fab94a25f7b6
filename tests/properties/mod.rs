//! What holds for every document and every patch: plain functions over plain data that assert.
//!
//! `laws.rs` calls them with generated data; whatever else finds inputs, such as a fuzzer, calls the same ones.
#![allow(dead_code, reason = "each of the crates that include this file calls only some of it")]

pub mod bytes;
pub mod choices;
pub mod diff;
pub mod document;
pub mod entities;
pub mod entity;
pub mod governed;
pub mod http;
pub mod input;
pub mod model;
pub mod number;
pub mod parse;
pub mod seen;
pub mod superoffice;
pub mod text;
