//! PUT: what of an entity a client may choose, and what stays as it is stored.

use crate::{
    dialect::Dialect,
    document::{PatchErrorKind, Refusal},
    entity::{
        compare,
        nested::Entity,
        overlay::Overlay,
        patch::{PatchedJson, patched_text, validate},
        policy::Policy,
        session::{Caller, Session},
        table::{Access, Row},
    },
    error::Error,
    json::{number, tape::Kind},
    patch::{format::Format, pointer::Pointer},
    text::{self, Slot, Version},
};

/// PUT (RFC 9110 section 9.3.4): replaces a stored entity by the body of a request, bytes in, bytes out.
///
/// The writable members become what the body gives; absent ones become null or, where their type has no null, their
/// default. Read-only and hidden members stay as they are stored, whatever the body says, at every depth that a table
/// governs: elements are matched by their key, and without one an element that is equal as a client sees it is the
/// stored one. What is new starts at its defaults. But a key of the entity that is neither absent, null, 0 nor the
/// stored one is refused: the body is about another entity.
///
/// As with [`patch_stored`](crate::patch_stored), what does not change keeps its bytes.
///
/// ```
/// # #[cfg(feature = "superoffice")] {
/// use entity_patch::{Dialect, http, superoffice::Webhook};
///
/// let stored = br#"{"WebhookId": 7, "Name": "old", "Secret": "hush", "State": "Stopped", "Newer": 1}"#;
/// let put = http::put::<Webhook>(stored, br#"{"WebhookId": 7, "Name": "new"}"#, &Dialect::SUPEROFFICE)?;
/// assert_eq!(put.changed, ["Name", "Secret", "State"]);
/// let webhook: Webhook = serde_json::from_slice(&put.json).unwrap();
/// assert_eq!((webhook.secret, webhook.state.name()), (None, "Active"));
/// assert_eq!(webhook.undeclared["Newer"], 1);
///
/// let error = http::put::<Webhook>(stored, br#"{"WebhookId": 8}"#, &Dialect::SUPEROFFICE).unwrap_err();
/// assert_eq!((error.status(), error.code()), (422, "read-only"));
/// # }
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 400, 413, 422: those of the body, as [`MergePatch::parse`](crate::MergePatch::parse) under a dialect that wants an
///   object.
/// - 500: the stored text is not JSON, nested deeper than 127 levels or not an object.
/// - 422: the key is another one (`read-only`), a type does not take a value (`invalid-value`), or no table declares a
///   member (`unknown-member`).
/// - 409: the stored text has a name twice that the body gives (`ambiguous-name`).
pub fn put<E: Entity>(stored: &[u8], body: &[u8], dialect: &Dialect) -> Result<PatchedJson, Error> {
    put_text::<E>(stored, body, dialect, None)
}

/// As [`put()`], with what a server decides for this request.
///
/// # Errors
///
/// As [`put()`] and [`patch_stored_with`](crate::patch_stored_with).
pub fn put_with<E: Entity>(
    stored: &[u8],
    body: &[u8],
    dialect: &Dialect,
    policy: &(impl Policy<E> + ?Sized),
) -> Result<PatchedJson, Error> {
    let caller = Caller { may_write: &|write| policy.may_write(write), may_read: &|path| policy.may_read(path) };
    let put = put_text::<E>(stored, body, dialect, Some(caller))?;
    validate(stored, &put.json, policy)?;
    Ok(put)
}

pub(super) fn put_text<E: Entity>(
    stored: &[u8],
    body: &[u8],
    dialect: &Dialect,
    caller: Option<Caller<'_>>,
) -> Result<PatchedJson, Error> {
    let objects = dialect.of_objects();
    let opened = &mut text::open(stored, body, Format::MergePatch, &objects)?;
    let (mut session, sent) = Session::of_object(opened, E::table, dialect, caller)?;
    let refuse = |refusal: Refusal| refusal.into_error(None, Pointer::ROOT);
    session.put(sent).map_err(refuse)?;
    let changes = session.finish()?;
    Ok(patched_text(session, changes, stored))
}

impl Session<'_, '_> {
    /// Whether a key means no entity: null, or 0.
    pub(super) fn is_unset(&self, key: Version) -> bool {
        match self.text.kind_of(key) {
            Kind::Null => true,
            Kind::Number => number::equal_texts("0", &String::from_utf8_lossy(&self.text.json_of(key))),
            Kind::Boolean | Kind::String | Kind::Array | Kind::Object => false,
        }
    }

    /// Writes what a client may write of an entity that it sent as a whole.
    fn put(&mut self, sent: Version) -> Result<(), Refusal> {
        let Some(table) = self.table() else { return Ok(()) };
        let sent = self.conformed(sent)?;
        for row in table.rows {
            let given = compare::member(self.text, sent, row)?;
            if row.is_key {
                self.check_key(row, given)?;
            }
            if row.access == Access::Writable {
                self.put_row(row, given)?;
            }
        }
        let (root, governed) = self.start_walk();
        self.assign_others(table, self.text.value(root), governed, sent)
    }

    /// Refuses the key of another entity.
    fn check_key(&mut self, row: &'static Row, given: Option<Slot>) -> Result<(), Refusal> {
        let Some(given) = given.map(|slot| self.text.now(slot)) else { return Ok(()) };
        if self.is_unset(given) || self.holds_row(row, given)? {
            return Ok(());
        }
        let mut path = Pointer::ROOT;
        path.push(row.name);
        Err(PatchErrorKind::ReadOnly.there(path))
    }

    fn put_row(&mut self, row: &'static Row, given: Option<Slot>) -> Result<(), Refusal> {
        let (slot, governed) = self.go_to(row)?;
        // Nothing was written there yet.
        let stored = self.text.now(slot);
        let piece = match given {
            Some(given) => {
                let sent = self.text.now(given);
                Overlay { text: self.text, work: &mut self.work }.value(row.inside, Some(stored), sent)?;
                self.text.piece_of(sent)
            }
            None => self.text.added_json(b"null")?,
        };
        self.put_at(slot, governed, piece)
    }
}
