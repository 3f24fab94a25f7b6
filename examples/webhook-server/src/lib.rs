//! The webhook API of the documents that `entity-patch` implements, as a server on axum: it proves that the library's
//! rules are enough to build one.
//!
//! `options` reads the command line, `listen` accepts connections, `app` answers requests, `storage` keeps the entities;
//! `media` chooses the formats, and the package `webhook-formats` has XML and forms. See `README.md` for a walk through it.

#![forbid(unsafe_code)]

pub mod app;
pub mod clock;
pub mod listen;
pub mod log;
pub mod media;
pub mod options;
pub mod origin;
pub mod page;
pub mod storage;
pub mod target;
pub mod users;
