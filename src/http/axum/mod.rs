//! The module [`http`](crate::http) for servers on axum (feature `axum`): a whole [`Resource`] over a [`Store`], and for
//! handlers of one's own an extractor of PATCH requests, and replies and problem details as responses.
//!
//! A server in ten lines, which is `examples/ten_lines.rs`:
//!
#![cfg_attr(feature = "derive", doc = "```no_run")]
#![cfg_attr(not(feature = "derive"), doc = "```ignore")]
#![doc = include_str!("../../../examples/ten_lines.rs")]
//! ```
//!
//! In a handler of one's own the server says where its documents are. The ones here have no table:
//!
//! ```
//! use std::sync::{Arc, Mutex, MutexGuard};
//!
//! use axum::{Router, extract::State, routing};
//! use entity_patch::{Dialect, http::{ProblemDetails, Reply, Validators, axum::PatchRequest}};
//!
//! /// One document: its version and its JSON text.
//! type Store = Arc<Mutex<(u64, Vec<u8>)>>;
//!
//! fn lock(store: &Store) -> MutexGuard<'_, (u64, Vec<u8>)> {
//!     store.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
//! }
//!
//! async fn patch(State(store): State<Store>, request: PatchRequest) -> Result<Reply, ProblemDetails> {
//!     // Before the body is read, and again under the lock, since another write may have come first.
//!     request.check(&Validators::of_version(lock(&store).0))?;
//!     let patch = request.read(&Dialect::RFC).await?;
//!     let mut stored = lock(&store);
//!     patch.check(&Validators::of_version(stored.0))?;
//!     let json = patch.apply_json(&stored.1, &Dialect::RFC)?;
//!     *stored = (stored.0 + 1, json.clone());
//!     Ok(patch.respond_json(json, &Validators::of_version(stored.0)))
//! }
//!
//! let store = Store::new(Mutex::new((1, br#"{"theme": "dark"}"#.to_vec())));
//! let app: Router = Router::new().route("/settings", routing::patch(patch)).with_state(store);
//! # let _ = app;
//! ```

mod extract;
mod resource;
mod store;

pub use self::{
    extract::{PatchRequest, UnreadBody, read_body},
    resource::Resource,
    store::{MemoryStore, Store, Stored},
};
