//! A server in ten lines. `cargo run --example ten_lines --features axum`, and then
//! `curl -X PATCH 127.0.0.1:8080/users/7 -H 'Content-Type: application/merge-patch+json' -d '{"name": "Ada L."}'`.

use entity_patch::{
    Dialect, Entity,
    http::axum::{MemoryStore, Resource},
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Entity)]
struct User {
    #[entity(read_only, key)]
    id: u64,
    name: String,
    #[entity(nested)]
    address: Address,
    #[entity(hidden)]
    password_hash: String,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Address {
    street: String,
    #[entity(read_only)]
    verified: bool,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let ada = br#"{"id": 7, "name": "Ada", "address": {"street": "Elm", "verified": true}, "password_hash": "x"}"#;
    let store = MemoryStore::from([(7, ada.to_vec())]);
    let users = Resource::<User, _>::new(store, Dialect::RFC);
    let app = axum::Router::new().nest("/users", users.router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("http://{}/users/7", listener.local_addr()?);
    axum::serve(listener, app).await
}
