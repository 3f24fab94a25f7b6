//! The server as its clients see it: each test starts the real one on a port of its own and speaks HTTP to it.

#![forbid(unsafe_code)]

mod harness;
mod races;
mod readme;
mod requests;
mod samples;
mod start;
