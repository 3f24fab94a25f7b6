//! Where a resource's entities are: the server's part, and a store in memory for tests and first steps.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use serde::de::DeserializeOwned;

use crate::http::problem::ProblemDetails;

/// Where the entities of a [`Resource`](crate::http::axum::Resource) are.
///
/// An `Arc` of a store is a store, too, so that other routes can use the same one.
///
/// ```
/// use std::{collections::HashMap, future::Future, sync::Mutex, time::SystemTime};
///
/// use entity_patch::http::{ProblemDetails, axum::{Store, Stored}};
///
/// struct Documents(Mutex<HashMap<String, Stored>>);
///
/// fn broken<E>(_: E) -> ProblemDetails {
///     ProblemDetails::new(500, "storage-failed", "the store does not answer")
/// }
///
/// impl Store for Documents {
///     type Key = String;
///     type Error = ProblemDetails;
///
///     async fn get(&self, key: &String) -> Result<Option<Stored>, ProblemDetails> {
///         Ok(self.0.lock().map_err(broken)?.get(key).cloned())
///     }
///
///     async fn swap(&self, key: &String, version: u64, json: Vec<u8>) -> Result<Option<Stored>, ProblemDetails> {
///         let mut documents = self.0.lock().map_err(broken)?;
///         let Some(stored) = documents.get_mut(key).filter(|stored| stored.version == version) else {
///             return Ok(None);
///         };
///         *stored = Stored { json, version: version + 1, last_modified: Some(SystemTime::now()) };
///         Ok(Some(stored.clone()))
///     }
/// }
/// ```
pub trait Store: Send + Sync + 'static {
    /// What an entity is found by, read from the path. A malformed one is 404.
    type Key: DeserializeOwned + Send + Sync;

    /// Why the store does not answer.
    type Error: Into<ProblemDetails> + Send;

    /// The entity as it is now; `None` where there is none.
    fn get(&self, key: &Self::Key) -> impl Future<Output = Result<Option<Stored>, Self::Error>> + Send;

    /// Stores `json` if the stored version is still `version`, in one step, and returns what is stored then: the store
    /// may stamp it. `None` where the version has moved, or where the entity is gone.
    fn swap(
        &self,
        key: &Self::Key,
        version: u64,
        json: Vec<u8>,
    ) -> impl Future<Output = Result<Option<Stored>, Self::Error>> + Send;
}

impl<S: Store> Store for Arc<S> {
    type Key = S::Key;
    type Error = S::Error;

    async fn get(&self, key: &S::Key) -> Result<Option<Stored>, S::Error> {
        (**self).get(key).await
    }

    async fn swap(&self, key: &S::Key, version: u64, json: Vec<u8>) -> Result<Option<Stored>, S::Error> {
        (**self).swap(key, version, json).await
    }
}

/// A stored entity. `Debug` shows how long it is, and nothing of it.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "stores build it, and what it holds is what HTTP asks for")]
pub struct Stored {
    /// The entity, as JSON text.
    pub json: Vec<u8>,
    /// Its version, which no other content of this entity ever has. It is the `ETag`.
    pub version: u64,
    /// When it was last changed, where the store knows: `Last-Modified`. It is never later than the clock of the answer
    /// (RFC 9110 section 8.8.2.1). HTTP has whole seconds, so that only the version tells two changes of one second apart.
    pub last_modified: Option<SystemTime>,
}

impl fmt::Debug for Stored {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Stored")
            .field("json", &format_args!("{} bytes", self.json.len()))
            .field("version", &self.version)
            .field("last_modified", &self.last_modified)
            .finish()
    }
}

/// Entities in memory, for tests and first steps. They begin with version 1, and have no date.
///
/// ```
/// use entity_patch::http::axum::MemoryStore;
///
/// let store = MemoryStore::from([(7_u64, br#"{"id": 7}"#.to_vec())]);
/// assert_eq!(store.stored(&7).map(|stored| stored.version), Some(1));
/// ```
pub struct MemoryStore<K> {
    entities: Mutex<BTreeMap<K, Stored>>,
}

impl<K: Ord, const N: usize> From<[(K, Vec<u8>); N]> for MemoryStore<K> {
    fn from(entities: [(K, Vec<u8>); N]) -> MemoryStore<K> {
        let stored = entities.map(|(key, json)| (key, Stored { json, version: 1, last_modified: None }));
        MemoryStore { entities: Mutex::new(stored.into()) }
    }
}

impl<K: Ord> MemoryStore<K> {
    /// An entity as it is now.
    pub fn stored(&self, key: &K) -> Option<Stored> {
        self.entities.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl<K> fmt::Debug for MemoryStore<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl<K: Ord + DeserializeOwned + Send + Sync + 'static> Store for MemoryStore<K> {
    type Key = K;
    type Error = Infallible;

    async fn get(&self, key: &K) -> Result<Option<Stored>, Infallible> {
        Ok(self.stored(key))
    }

    async fn swap(&self, key: &K, version: u64, json: Vec<u8>) -> Result<Option<Stored>, Infallible> {
        let mut entities = self.entities.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entities.get_mut(key).filter(|stored| stored.version == version);
        Ok(entry.map(|stored| {
            *stored = Stored { json, version: version + 1, last_modified: None };
            stored.clone()
        }))
    }
}

impl From<Infallible> for ProblemDetails {
    fn from(never: Infallible) -> ProblemDetails {
        match never {}
    }
}
