//! Where webhooks are kept: JSON texts, each with a version that every write raises by one.

pub mod postgres;
pub mod sqlite;

use std::time::Duration;

use entity_patch::http::{HttpDate, ProblemDetails, axum::Store};

use crate::clock;

/// How long a request waits for a connection, and a statement for another process.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The layout of the table; a database of another one is refused.
pub const LAYOUT: &str = "1";

/// A database of webhooks: what a [`Store`] is, and what only whole collections need.
///
/// What was answered survives whatever happens to the process.
pub trait Database: Store<Key = i32, Error = ProblemDetails> {
    /// Stores a new webhook, whose JSON text is made for the id that it gets. Its version is 1.
    fn insert<F>(&self, json: F) -> impl Future<Output = Result<Stored, ProblemDetails>> + Send
    where
        F: FnOnce(i32) -> Result<Vec<u8>, ProblemDetails> + Send + 'static;

    /// Removes a webhook if its version is still `version`.
    fn delete(&self, id: i32, version: u64) -> impl Future<Output = Result<bool, ProblemDetails>> + Send;

    /// At most [`PAGE`] webhooks whose ids are above `after`, by their ids.
    fn page(&self, after: i32) -> impl Future<Output = Result<Vec<(i32, Stored)>, ProblemDetails>> + Send;
}

pub use entity_patch::http::axum::Stored;

/// How many webhooks are read at once: with a few at 8 MiB, it is what a request may hold.
pub const PAGE: i64 = 16;

/// A webhook as it is stored.
fn stored(json: Vec<u8>, version: u64) -> Stored {
    let updated = clock::updated(&json);
    let last_modified = updated.and_then(|updated| HttpDate::try_from(&updated).ok()?.to_system_time());
    Stored { json, version, last_modified }
}

/// 503: nothing was stored, and it may work in a moment.
pub fn too_busy(detail: &str) -> ProblemDetails {
    ProblemDetails::new(503, "too-busy", detail).with_header("retry-after", "1")
}

/// 500: the log and the client learn what the database calls it, and nothing of an entity.
fn failed(what: impl std::fmt::Display) -> ProblemDetails {
    ProblemDetails::new(500, "storage-failed", format!("the database: {what}"))
}

/// 507: no id is left.
fn full() -> ProblemDetails {
    ProblemDetails::new(507, "storage-full", "no id is left")
}
