//! The smallest server that answers PATCH: one webhook, kept in memory with its version.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{Router, extract::State, routing};
use entity_patch::{
    Dialect,
    http::{
        ProblemDetails, Validators,
        axum::{PatchRequest, PatchResponse},
    },
    superoffice::Webhook,
};

type Store = Arc<Mutex<(u64, Vec<u8>)>>;

fn lock(store: &Store) -> MutexGuard<'_, (u64, Vec<u8>)> {
    store.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

async fn patch(State(store): State<Store>, request: PatchRequest) -> Result<PatchResponse, ProblemDetails> {
    // Before the body is read, and again under the lock, since another write may have come first.
    request.check(&Validators::of_version(lock(&store).0))?;
    let patch = request.read(&Dialect::SUPEROFFICE).await?;
    let mut stored = lock(&store);
    patch.check(&Validators::of_version(stored.0))?;
    let patched = patch.apply::<Webhook>(&stored.1, &Dialect::SUPEROFFICE)?;
    if !patched.changed.is_empty() {
        *stored = (stored.0 + 1, patched.json);
    }
    Ok(patch.respond(stored.1.clone(), &Validators::of_version(stored.0)))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let webhook = br#"{"WebhookId": 7, "Name": "sales", "State": "Active"}"#.to_vec();
    let app = Router::new().route("/webhook", routing::patch(patch)).with_state(Store::new(Mutex::new((1, webhook))));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8081").await?, app).await
}
