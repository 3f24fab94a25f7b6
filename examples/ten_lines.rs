//! A server in ten lines. `cargo run --example ten_lines --features axum`, and then
//! `curl -X PATCH http://127.0.0.1:8080/users/7 -d '{"name": "ada"}' -H 'Content-Type: application/merge-patch+json'`.

use axum::Router;
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
    #[entity(hidden)]
    password_hash: String,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let ada = br#"{"id": 7, "name": "Ada", "password_hash": "$2y$10$"}"#.to_vec();
    let store = MemoryStore::from([(7, ada)]);
    let users = Resource::<User, _>::new(store, Dialect::RFC);
    let app = Router::new().nest("/users", users.router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("http://{}/users/7", listener.local_addr()?);
    axum::serve(listener, app).await
}
