//! SaveWebhook: creates an entity that has no key yet, and otherwise follows the rules of PUT.

use crate::{
    Dialect, Entity, Error, PatchedJson,
    entity::create::{create, key},
};

/// What a save comes to.
#[derive(Clone, Debug)]
pub enum Save {
    /// The body has no key: this is the new entity, whose key and other read-only members the server sets.
    Create(PatchedJson),
    /// The body is about the stored entity that has this key; 404 where there is none. [`http::put`](crate::http::put())
    /// writes it.
    Update(i64),
}

/// Save, as `SaveWebhook` does it: creates where the key of the body is absent, null or 0, and otherwise updates by the
/// rules of [`http::put`](crate::http::put()). Whatever a client sends for a read-only member of a new entity is ignored.
///
/// ```
/// use entity_patch::{Dialect, superoffice::{Save, Webhook, save}};
///
/// match save::<Webhook>(br#"{"WebhookId": 0, "Name": "sales", "Updated": "whenever"}"#, &Dialect::SUPEROFFICE)? {
///     Save::Create(created) => assert_eq!(created.changed, ["Name"]),
///     Save::Update(_) => unreachable!("the id is 0"),
/// }
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 400, 413, 422: those of the body, as of [`http::put`](crate::http::put()).
/// - 422 `invalid-value`: the key is not an integer.
pub fn save<E: Entity + Default>(body: &[u8], dialect: &Dialect) -> Result<Save, Error> {
    Ok(match key::<E>(body, dialect)? {
        Some(key) => Save::Update(key),
        None => Save::Create(create(&E::default(), body, dialect)?),
    })
}
