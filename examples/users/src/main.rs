//! Users, whom they and admins may change: a server of one file. `README.md` has a walk through it.

use axum::{Router, http::request::Parts};
use entity_patch::{
    Dialect, Entity, MemberWrite, Pointer, Policy, Violations,
    http::{
        ProblemDetails,
        axum::{MemoryStore, Resource},
    },
};
use garde::Validate;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Entity, Validate)]
#[serde(rename_all = "camelCase")]
struct User {
    #[entity(read_only, key)]
    #[garde(skip)]
    id: u64,
    #[garde(length(min = 1, max = 60))]
    display_name: String,
    #[garde(contains("@"))]
    email: String,
    #[garde(skip)]
    role: Role,
    #[entity(nested)]
    #[garde(dive)]
    address: Address,
    #[serde(default)]
    #[entity(nested, by = "id")]
    #[garde(length(max = 3), dive)]
    phones: Vec<Phone>,
    #[entity(hidden)]
    #[garde(skip)]
    password_hash: String,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Member,
    Admin,
}

#[derive(Clone, Serialize, Deserialize, Entity, Validate)]
#[serde(rename_all = "camelCase")]
struct Address {
    #[garde(length(max = 80))]
    street: String,
    #[serde(default)]
    #[garde(inner(alphanumeric))]
    zip_code: Option<String>,
    /// The post office has found it.
    #[serde(default)]
    #[entity(read_only)]
    #[garde(skip)]
    is_verified: bool,
}

#[derive(Clone, Serialize, Deserialize, Entity, Validate)]
#[serde(rename_all = "camelCase")]
struct Phone {
    #[garde(skip)]
    id: Option<u32>,
    #[garde(ascii, length(min = 3, max = 20))]
    number: String,
    #[serde(default)]
    #[entity(read_only)]
    #[garde(skip)]
    is_confirmed: bool,
}

/// Who sends a request, and whether it is about this very user.
struct Caller {
    is_admin: bool,
    is_self: bool,
}

impl Policy<User> for Caller {
    fn may_write(&self, write: &MemberWrite<'_>) -> bool {
        self.is_admin || (self.is_self && !write.is_within("/role"))
    }

    fn may_read(&self, path: &Pointer) -> bool {
        self.is_admin || self.is_self || path.as_str() != "/email"
    }

    fn validate(&self, stored: &User, patched: &User) -> Result<(), Violations> {
        let mut violations = match patched.validate() {
            Ok(()) => Violations::default(),
            Err(report) => Violations::from_garde::<User>(&report),
        };
        let is_promoted = (stored.role, patched.role) == (Role::Member, Role::Admin);
        if is_promoted && !patched.address.is_verified {
            let path = Pointer::from_tokens(["role"]);
            violations.add(path, "unverified", "an admin has a verified address");
        }
        if violations.is_empty() { Ok(()) } else { Err(violations) }
    }
}

/// A real server looks the token up.
fn caller_of(parts: &Parts) -> Result<Caller, ProblemDetails> {
    let token = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let id = match token {
        Some("Bearer ann") => "1",
        Some("Bearer bob") => "2",
        _ => {
            let problem = ProblemDetails::new(401, "unauthorized", "the request needs a token");
            return Err(problem.with_header("www-authenticate", "Bearer"));
        }
    };
    Ok(Caller { is_admin: id == "1", is_self: parts.uri.path().ends_with(&format!("/{id}")) })
}

fn store() -> MemoryStore<u64> {
    let user = |id, name: &str, role, is_verified| User {
        id,
        display_name: name.to_owned(),
        email: format!("{}@example.com", name.to_lowercase()),
        role,
        address: Address { street: format!("Main Street {id}"), zip_code: None, is_verified },
        phones: vec![Phone { id: Some(1), number: "555-0100".to_owned(), is_confirmed: true }],
        password_hash: "$2y$10$".to_owned(),
    };
    let stored = |user: User| (user.id, serde_json::to_vec(&user).expect("a user is JSON"));
    MemoryStore::from([
        stored(user(1, "Ann", Role::Admin, true)),
        stored(user(2, "Bob", Role::Member, false)),
        stored(user(3, "Eve", Role::Member, true)),
    ])
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let users = Resource::<User, _>::new(store(), Dialect::RFC).policy(caller_of);
    let app = Router::new().nest("/users", users.router());
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/users/1", listener.local_addr()?);
    axum::serve(listener, app).await
}
