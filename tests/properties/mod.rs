//! What holds for every document and every patch: plain functions over plain data that assert.
//!
//! `laws.rs` calls them with generated data; whatever else finds inputs, such as a fuzzer, calls the same ones.
#![allow(dead_code, reason = "each of the crates that include this file calls only some of it")]

#[cfg(feature = "superoffice")]
pub mod bytes;
#[cfg(feature = "superoffice")]
pub mod choices;
#[cfg(feature = "superoffice")]
pub mod cost;
pub mod diff;
pub mod document;
#[cfg(feature = "superoffice")]
pub mod entities;
#[cfg(feature = "superoffice")]
pub mod entity;
#[cfg(feature = "superoffice")]
pub mod governed;
#[cfg(feature = "superoffice")]
pub mod http;
#[cfg(feature = "superoffice")]
pub mod input;
pub mod model;
#[cfg(feature = "superoffice")]
pub mod number;
pub mod parse;
#[cfg(all(feature = "schemars", feature = "superoffice"))]
pub mod schema;
#[cfg(feature = "superoffice")]
pub mod seen;
pub mod superoffice;
pub mod text;
