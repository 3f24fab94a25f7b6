//! A patch applied to an entity, or to its stored text: its table decides what may be written, its types decide what
//! is valid.
//!
//! Only the members that the patch names are looked at.

use std::{borrow::Cow, fmt};

use serde_json::Value;

use crate::{
    dialect::Dialect,
    diff::diff,
    entity::{
        Entity,
        session::{Finished, Session},
        text::TextMembers,
        tree::TreeMembers,
    },
    error::{Error, TargetError},
    patch::{
        format::{Format, PatchDocument},
        operation::Patch,
        parse::{self, Shape},
        pointer::Pointer,
    },
    text,
    tree::borrowed,
};

/// An entity after a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patched<E> {
    /// The new entity.
    pub entity: E,
    /// The declared members whose value is different now, in the order of the table; empty means that nothing needs
    /// saving.
    pub changed: Vec<&'static str>,
    /// The paths of the writes that were skipped: to output-only members, and under
    /// [`Ignore`](crate::UnknownMembers::Ignore) to members that the entity does not declare.
    pub ignored: Vec<Pointer>,
}

impl<E: Entity> Patched<E> {
    /// The patch that takes this one back: applied to the new entity, it gives the entity as it was `before`. A server
    /// can store it, so that a person can undo what a client did.
    ///
    /// It only adds, removes and replaces, so that every dialect takes it; but where two names inside a member differ
    /// only by case, only one that compares names exactly does.
    ///
    /// ```
    /// use entity_patch::{Dialect, Format, PatchDocument, patch, superoffice::Webhook};
    ///
    /// let before: Webhook = serde_json::from_str(r#"{"WebhookId": 7, "Name": "old", "State": "Active"}"#).unwrap();
    /// let document = PatchDocument::parse(br#"{"name": "new"}"#, Format::ByShape, &Dialect::SUPEROFFICE)?;
    /// let patched = patch(&before, &document, &Dialect::SUPEROFFICE)?;
    ///
    /// let inverse = patched.inverse(&before);
    /// assert_eq!(inverse.to_string(), r#"[{"op":"replace","path":"/Name","value":"old"}]"#);
    /// let undone = patch(&patched.entity, &PatchDocument::JsonPatch(inverse), &Dialect::SUPEROFFICE)?;
    /// assert_eq!(undone.entity, before);
    /// # Ok::<(), entity_patch::Error>(())
    /// ```
    pub fn inverse(&self, before: &E) -> Patch {
        let changed = || E::MEMBERS.iter().filter(|member| self.changed.contains(&member.name));
        let read = |entity: &E| -> Value {
            changed().map(|member| (member.name.to_owned(), (member.read)(entity).unwrap_or_default())).collect()
        };
        diff(&read(&self.entity), &read(before))
    }
}

/// A stored entity after a patch. `Debug` shows how long it is, and nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PatchedJson {
    /// The new entity, as JSON text.
    pub json: Vec<u8>,
    /// As [`Patched::changed`].
    pub changed: Vec<&'static str>,
    /// As [`Patched::ignored`].
    pub ignored: Vec<Pointer>,
}

impl fmt::Debug for PatchedJson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PatchedJson { json, changed, ignored } = self;
        formatter
            .debug_struct("PatchedJson")
            .field("json", &format_args!("{} bytes", json.len()))
            .field("changed", changed)
            .field("ignored", ignored)
            .finish()
    }
}

/// Applies a patch to an entity, all of it or nothing.
///
/// The entity's table decides what may be written: the first token of a path names a declared member. A read-only
/// member is written by no path, its own, a child's or the root, unless the value stays equal. `remove` and a merge
/// null set a member to null. The entity's types decide what is valid, once, on the result.
///
/// ```
/// use entity_patch::{Dialect, Format, PatchDocument, patch, superoffice::Webhook};
///
/// let webhook: Webhook = serde_json::from_str(r#"{"WebhookId": 7, "Name": "old", "State": "Active"}"#).unwrap();
/// let body = br#"[{"op": "replace", "path": "webhookid", "value": 8}]"#;
/// let document = PatchDocument::parse(body, Format::JsonPatch, &Dialect::SUPEROFFICE)?;
/// let error = patch(&webhook, &document, &Dialect::SUPEROFFICE).unwrap_err();
/// assert_eq!((error.status(), error.code()), (422, "read-only"));
/// assert_eq!(error.to_string(), "operation 0 at `/webhookid`: the member is read-only");
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 409: as [`apply`](crate::apply).
/// - 422: as [`apply`](crate::apply); a member is read-only (`read-only`), is not declared (`unknown-member`, under
///   [`Reject`](crate::UnknownMembers::Reject)) or is left with a value that its type does not have (`invalid-value`,
///   reported at the member with the last operation that wrote it).
pub fn patch<E: Entity>(entity: &E, document: &PatchDocument, dialect: &Dialect) -> Result<Patched<E>, Error> {
    let mut session = Session::new(TreeMembers::new(entity, dialect.case()), dialect);
    match document {
        PatchDocument::JsonPatch(patch) => {
            for (index, operation) in patch.operations().iter().enumerate() {
                session.json_patch_operation(index, borrowed(operation))?;
            }
        }
        PatchDocument::MergePatch(patch) => session.merge_patch(Cow::Borrowed(patch.as_value()))?,
    }
    let Finished { members, changed, ignored } = session.finish()?;
    Ok(Patched { entity: members.into_entity(), changed, ignored })
}

/// Applies a request body to a stored entity: bytes in, bytes out, without reading the entity. The result is that of
/// [`patch()`] on the parsed entity, and an error is the same one. (Where a patch writes two members that are refused,
/// and serde_json keeps members in another order than the entity's type, it may name the other one.)
///
/// - A member that did not change keeps its bytes, and so does all that the entity does not declare.
/// - One that did change takes the patch's own spelling of a value, keeps its bytes around what was written inside of
///   it, and keeps its place. One that was absent is appended; one that is removed is null.
/// - Only what changed is read by its type. Where that writes another value than it reads, as an enumeration that is
///   read in any case does, this value is stored.
/// - A stored member is declared if it is spelt as the table spells it. One of the wrong type is looked at as it is,
///   and is no error as long as it does not change.
///
/// ```
/// use entity_patch::{Dialect, Format, patch_stored, superoffice::Webhook};
///
/// let stored = br#"{ "WebhookId": 7, "State": "Active", "Properties": {"limit": 1.50e2} }"#;
/// let body = br#"{"name": "new", "state": 1, "properties": {"Rate": 0.10}}"#;
/// let patched = patch_stored::<Webhook>(stored, body, Format::ByShape, &Dialect::SUPEROFFICE)?;
/// assert_eq!(patched.changed, ["Name", "Properties"]);
/// assert_eq!(
///     String::from_utf8_lossy(&patched.json),
///     r#"{ "WebhookId": 7, "State": "Active", "Properties": {"limit": 1.50e2,"Rate": 0.10}, "Name": "new" }"#,
/// );
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 400, 413, 422: those of the body first, as [`PatchDocument::parse`].
/// - 500: the stored text is not JSON, nested deeper than 127 levels or not an object.
/// - 409, 422: those of [`patch()`]; `ambiguous-name` also where a path meets a name that stands twice in the stored
///   text. A member that is changed and left with a value that its type does not have is `invalid-value`, whoever wrote
///   that value.
pub fn patch_stored<E: Entity>(
    stored: &[u8],
    body: &[u8],
    format: Format,
    dialect: &Dialect,
) -> Result<PatchedJson, Error> {
    patch_text::<E>(stored, body, format, dialect, false)
}

/// As [`patch_stored`]. Where anything changes, the new text is to have every declared member if `is_whole`.
pub(crate) fn patch_text<E: Entity>(
    stored: &[u8],
    body: &[u8],
    format: Format,
    dialect: &Dialect,
    is_whole: bool,
) -> Result<PatchedJson, Error> {
    let shape = format.shape(body, dialect)?;
    let open = || {
        let text = text::open(stored, body, &dialect.limits)?;
        Ok::<_, TargetError>(Session::new(TextMembers::<E>::new(text, dialect.case())?, dialect))
    };
    let session = match shape {
        Shape::MergePatch => {
            let patch = parse::merge_span(body, dialect)?;
            let mut session = open()?;
            session.merge_patch(session.members.text.piece(patch))?;
            session
        }
        Shape::JsonPatch => {
            let steps = parse::steps(body, dialect)?;
            let mut session = open()?;
            for (index, step) in steps.iter().enumerate() {
                session.json_patch_operation(index, text::located(step, &session.members.text))?;
            }
            session
        }
    };
    let Finished { mut members, changed, ignored } = session.finish()?;
    if changed.is_empty() {
        return Ok(PatchedJson { json: stored.to_vec(), changed, ignored });
    }
    if is_whole {
        members.append_absent();
    }
    Ok(PatchedJson { json: members.into_json(), changed, ignored })
}
