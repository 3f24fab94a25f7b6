//! The rules of HTTP for a server that keeps entities, without I/O: which bodies are a patch, whether a request's
//! preconditions hold, what its client prefers, what a PUT writes, and what an error looks like.
//!
//! Every call takes header values and bodies as they arrived, and returns values to answer with. Reading requests, storing
//! entities and asking the clock are the server's job. A request meets its checks in this order:
//!
//! | status | when | asked of |
//! | --- | --- | --- |
//! | 401, 404, 405 | the client, the path, the entity, the method | the server |
//! | 406 | `Accept` | [`accepted`] |
//! | 415 | the body carries no patch | [`RequestHead::format`] |
//! | 412, 428 | the entity is not the one that the client means | [`Preconditions`] |
//! | 400, 403, 409, 413, 422 | the body, and who sent it | [`patch_stored`](crate::patch_stored), [`put()`] |
//!
//! | specification | here |
//! | --- | --- |
//! | RFC 9110 sections 8.8 and 13: validators and preconditions | [`Validators`], [`Preconditions`], [`HttpDate`] |
//! | RFC 5789: PATCH | [`RequestHead`], [`PatchBody`], [`ACCEPT_PATCH`] |
//! | RFC 6585 section 3: a required precondition | [`Preconditions::required`] |
//! | RFC 7240: `Prefer` | [`Preferences`] |
//! | RFC 9457: problem details | [`ProblemDetails`] |
//!
//! With the feature `http` the header fields of a `http::HeaderMap` turn into [`RequestHead`], and a [`Reply`] into a
//! `http::Response`. The features `axum` and `actix-web` have an extractor for handlers of one's own.
#![cfg_attr(feature = "axum", doc = "See [`axum`].")]
#![cfg_attr(feature = "actix-web", doc = "See [`actix_web`].")]

#[cfg(feature = "actix-web")]
pub mod actix_web;
#[cfg(feature = "axum")]
pub mod axum;
mod date;
mod entity_tag;
mod field_value;
#[cfg(feature = "http")]
mod header_map;
mod media_type;
#[cfg(any(feature = "axum", feature = "actix-web"))]
mod patch_request;
mod preconditions;
mod prefer;
mod problem;
mod reply;
mod request;

#[cfg(any(feature = "axum", feature = "actix-web"))]
pub use self::patch_request::PatchRequest;
pub use self::{
    date::{HttpDate, ParseHttpDateError},
    entity_tag::{EntityTag, ParseEntityTagError},
    media_type::{ACCEPT_PATCH, UnsupportedMediaType, accepted},
    preconditions::{Outcome, PreconditionError, Preconditions, Purpose, Validators},
    prefer::{HandlingPreference, Preferences, ReturnPreference},
    problem::ProblemDetails,
    reply::Reply,
    request::{PatchBody, RequestHead},
};
pub use crate::entity::{
    names::declared_name,
    put::{put, put_with},
};
