//! The smallest server that answers PATCH: one webhook, kept in memory with its version.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, routing};
use entity_patch::{
    Dialect,
    http::{
        ProblemDetails, Validators,
        axum::{PatchRequest, PatchResponse},
    },
    webhook::Webhook,
};

type Store = Arc<Mutex<(u64, Vec<u8>)>>;

async fn patch(State(store): State<Store>, request: PatchRequest) -> Result<PatchResponse, ProblemDetails> {
    let patch = request.read(&Dialect::SUPEROFFICE).await?;
    let mut stored = store.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
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
