//! What a server says over HTTP about stored entities, still without I/O: which media types carry a patch, whether the
//! preconditions of a request hold, what a PUT and a save write, what of an entity is sent back, and how an error is
//! told.
//!
//! It takes header values and bodies as they came and hands out values to answer with; reading requests, keeping
//! entities and asking the clock are the server's. A request meets its checks in this order:
//!
//! | status | when | asked of |
//! | --- | --- | --- |
//! | 401, 404, 405, 406 | the client, the path, the entity, the method, `Accept` | the server |
//! | 415 | the media type carries no patch | [`Format::from_content_type`](crate::Format::from_content_type) |
//! | 412 | the entity is not the one that the client means | [`Preconditions`] |
//! | 400, 409, 413, 422 | what the body deserves | [`patch_stored`](crate::patch_stored), [`put()`], [`save()`] |
//!
//! | room | what it answers |
//! | --- | --- |
//! | `preconditions`, `date` | may this request go on? |
//! | `put` | what do PUT and SaveWebhook write? |
//! | `select`, `links` | what does the response show? |
//! | `prefer` | does the client want the entity back? |
//! | `problem` | how is an error told? |
#![cfg_attr(feature = "axum", doc = "| [`axum`] | all of it for a server on axum (feature `axum`) |")]

#[cfg(feature = "axum")]
pub mod axum;
mod date;
pub(crate) mod object;
mod preconditions;
mod prefer;
mod problem;
mod put;

pub use self::{
    date::{HttpDate, ParseHttpDateError},
    preconditions::{EntityTag, Outcome, ParseEntityTagError, PreconditionFailed, Preconditions, Purpose, Validators},
    prefer::prefers_minimal,
    problem::ProblemDetails,
    put::{EntityBody, Resource, Save, declared_name, put, save},
};

/// The value of `Accept-Patch` (RFC 5789 section 3.1): the media types that carry a patch. It goes with 415 and with
/// the answer to OPTIONS.
///
/// ```
/// use entity_patch::{Format, http::ACCEPT_PATCH};
///
/// assert!(ACCEPT_PATCH.split(", ").all(|media_type| Format::from_content_type(media_type).is_some()));
/// ```
pub const ACCEPT_PATCH: &str = "application/json-patch+json, application/merge-patch+json, application/json, text/json";
