//! The server as its clients see it: each test starts the real one on a port of its own and speaks HTTP to it.

#![forbid(unsafe_code)]

mod browser;
mod callers;
mod client;
mod cluster;
mod description;
mod events;
mod harness;
mod limits;
mod patching;
mod races;
mod reading;
mod readme;
mod rows;
mod samples;
mod several;
mod start;
mod wire;
mod writing;
