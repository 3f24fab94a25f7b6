//! What PUT and SaveWebhook write: a whole entity, of which a client may only choose the writable members.

use std::{fmt, marker::PhantomData};

use serde_json::Value;

use crate::{
    Dialect, Error, ParseError, Patched, PatchedJson, Pointer, UnknownMembers,
    document::{PatchError, PatchErrorKind},
    entity::{
        Access, Entity, read_stored,
        table::{Named, resolve},
        write_stored,
    },
    merge::MergePatch,
    name::{self, Case, Found},
    number, value,
};

/// What PUT and save ask of an entity beyond its table. Its `Default` is what a new one starts as, and what a writable
/// member becomes that cannot be null and is not given.
///
/// ```
/// use entity_patch::{entity, http::Resource};
///
/// #[derive(Clone, Default)]
/// struct Contact {
///     contact_id: i32,
///     name: Option<String>,
/// }
///
/// entity! { Contact {
///     "ContactId" => contact_id: read_only,
///     "Name" => name: writable,
/// } }
///
/// impl Resource for Contact {
///     const KEY: &'static str = "ContactId";
/// }
/// ```
pub trait Resource: Entity + Default {
    /// The name of the member that tells one entity from another: an integer, 0 in an entity that is not stored yet.
    const KEY: &'static str;
}

/// The body of a PUT or a save: members of an entity by their names.
///
/// Names resolve against the table (in any case where the dialect ignores case), and values are judged when they are
/// written. `Debug` shows no value.
///
/// ```
/// use entity_patch::{Dialect, http::EntityBody, webhook::Webhook};
///
/// let body = EntityBody::<Webhook>::parse(br#"{"webhookid": 7, "name": "sales"}"#, &Dialect::SUPEROFFICE)?;
/// assert_eq!(body.key()?, Some(7));
/// let patched = body.put(br#"{"WebhookId": 7, "Name": "old", "State": "Stopped"}"#, &Dialect::SUPEROFFICE)?;
/// assert_eq!(patched.changed, ["Name", "State"]);
/// # Ok::<(), entity_patch::Error>(())
/// ```
#[derive(Clone)]
pub struct EntityBody<E> {
    /// One a row of the table.
    given: Vec<Option<Value>>,
    /// As they came, and their names.
    undeclared: Vec<(String, Value)>,
    output_only: Vec<Pointer>,
    entity: PhantomData<fn() -> E>,
}

impl<E> fmt::Debug for EntityBody<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = self.given.iter().flatten().count() + self.undeclared.len();
        formatter.debug_struct("EntityBody").field("members", &given).finish_non_exhaustive()
    }
}

impl<E: Resource> EntityBody<E> {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// - 400: the body is empty (`missing-body`), not JSON or not an object, or gives a name twice, at any depth and,
    ///   where the dialect ignores case, in any case.
    /// - 413: the body is longer than the dialect's limit.
    /// - 422: the body is nested deeper than the limit.
    pub fn parse(body: &[u8], dialect: &Dialect) -> Result<EntityBody<E>, ParseError> {
        // A merge patch that has to be an object is read by the same rules.
        let dialect = Dialect { merge_objects_only: true, ..dialect.clone() };
        let members = match MergePatch::parse(body, &dialect)?.into_value() {
            Value::Object(members) => members,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Default::default(),
        };
        let mut body = EntityBody {
            given: vec![None; E::MEMBERS.len()],
            undeclared: Vec::new(),
            output_only: Vec::new(),
            entity: PhantomData,
        };
        for (name, value) in members {
            match resolve::<E>(&name, dialect.case()) {
                Ok(Named::Declared(row)) => body.given[row] = Some(value),
                Ok(Named::OutputOnly) => body.output_only.push(Pointer::to_member(&name)),
                // No two names of a table are equal.
                Ok(Named::Undeclared) | Err(_) => body.undeclared.push((name, value)),
            }
        }
        Ok(body)
    }

    /// Which entity the body means; `None` where its key is absent, null or 0.
    ///
    /// # Errors
    ///
    /// 422 `invalid-value`: the key is not an integer.
    pub fn key(&self) -> Result<Option<i64>, PatchError> {
        let Some(key) = self.given_key() else { return Ok(None) };
        match key.as_number().and_then(number::whole) {
            Some(key) => Ok(Some(key)),
            None => Err(refuse(PatchErrorKind::InvalidValue, Pointer::to_member(E::KEY))),
        }
    }

    /// The key, unless it is null or 0.
    fn given_key(&self) -> Option<&Value> {
        let row = E::MEMBERS.iter().position(|member| member.name == E::KEY)?;
        self.given[row].as_ref().filter(|key| match key {
            Value::Null => false,
            Value::Number(number) => !number::equal(number, &0.into()),
            Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => true,
        })
    }

    /// Replaces a stored entity: bytes in, bytes out; see [`put()`].
    ///
    /// # Errors
    ///
    /// As [`put()`], but for those of the body itself.
    pub fn put(&self, stored: &[u8], dialect: &Dialect) -> Result<PatchedJson, Error> {
        let Patched { entity, changed, ignored } =
            self.assign(&read_stored::<E>(stored)?, self.given_key(), dialect)?;
        let json = if changed.is_empty() { stored.to_vec() } else { write_stored(&entity)? };
        Ok(PatchedJson { json, changed, ignored })
    }

    /// A new entity: the writable members of the body, everything else as a new entity has it.
    ///
    /// # Errors
    ///
    /// 422: as [`put()`].
    pub fn create(&self, dialect: &Dialect) -> Result<Patched<E>, PatchError> {
        self.assign(&E::default(), None, dialect)
    }

    /// Writes the body to an entity, whose key is the one that is given, if one is.
    fn assign(&self, before: &E, key: Option<&Value>, dialect: &Dialect) -> Result<Patched<E>, PatchError> {
        let mut entity = before.clone();
        let mut changed = Vec::new();
        for (member, given) in E::MEMBERS.iter().zip(&self.given) {
            let old = (member.read)(before).unwrap_or_default();
            match member.access {
                Access::Writable => {
                    let is_set = (member.write)(&mut entity, given.clone().unwrap_or_default());
                    let is_given = given.as_ref().is_some_and(|given| !given.is_null());
                    if !is_set && (is_given || !set_default(&mut entity, member)) {
                        return Err(refuse(PatchErrorKind::InvalidValue, Pointer::to_member(member.name)));
                    }
                    if !value::equal(&old, &(member.read)(&entity).unwrap_or_default()) {
                        changed.push(member.name);
                    }
                }
                Access::ReadOnly if member.name == E::KEY => {
                    if key.is_some_and(|key| !value::equal(key, &old)) {
                        return Err(refuse(PatchErrorKind::ReadOnly, Pointer::to_member(member.name)));
                    }
                }
                Access::ReadOnly => {}
            }
        }
        Ok(Patched { entity, changed, ignored: self.ignored(before, dialect)? })
    }

    /// The members that are given and not declared: none of them is written.
    fn ignored(&self, before: &E, dialect: &Dialect) -> Result<Vec<Pointer>, PatchError> {
        let mut ignored = self.output_only.clone();
        for (name, given) in &self.undeclared {
            let is_stored = before.undeclared().is_some_and(|stored| {
                match name::find(stored.keys().map(String::as_str), name, dialect.case()) {
                    Found::At(position) => stored.values().nth(position).is_some_and(|old| value::equal(old, given)),
                    Found::Nothing | Found::Ambiguous => false,
                }
            });
            match dialect.unknown_members {
                _ if is_stored => {}
                UnknownMembers::Reject => return Err(refuse(PatchErrorKind::UnknownMember, Pointer::to_member(name))),
                UnknownMembers::Ignore => ignored.push(Pointer::to_member(name)),
            }
        }
        Ok(ignored)
    }
}

/// Gives a member what it has in a new entity.
fn set_default<E: Resource>(entity: &mut E, member: &crate::Member<E>) -> bool {
    (member.read)(&E::default()).is_some_and(|value| (member.write)(entity, value))
}

fn refuse(kind: PatchErrorKind, path: Pointer) -> PatchError {
    PatchError::new(kind, None, path)
}

/// PUT (RFC 9110 section 9.3.4): replaces a stored entity by the body of a request, bytes in, bytes out.
///
/// The writable members become what the body gives; absent ones become null or, where they cannot be null, what they
/// are in a new entity. The read-only ones stay as they are stored, whatever the body says, but a key that is neither
/// absent, null, 0 nor the stored one is refused: the body is about another entity. Members that the entity does not
/// declare survive, and what the body gives for others follows [`Dialect::unknown_members`]. Where nothing changes,
/// the result is the stored text itself.
///
/// ```
/// use entity_patch::{Dialect, http, webhook::Webhook};
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
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 400, 413, 422: those of the body, as [`EntityBody::parse`].
/// - 500: the stored text is not such an entity.
/// - 422: the key is another one (`read-only`), a member cannot hold its value (`invalid-value`), or the entity does
///   not declare a member (`unknown-member`).
pub fn put<E: Resource>(stored: &[u8], body: &[u8], dialect: &Dialect) -> Result<PatchedJson, Error> {
    EntityBody::<E>::parse(body, dialect)?.put(stored, dialect)
}

/// What a save comes to.
#[derive(Clone, Debug)]
pub enum Save<E> {
    /// The body has no key: this is the new entity, whose key and other read-only members the server sets.
    Create(Patched<E>),
    /// The body is about the stored entity that has this key (404 where there is none): [`EntityBody::put`] it there.
    Update {
        /// Neither 0 nor that of any entity in particular.
        key: i64,
        /// What to put.
        body: EntityBody<E>,
    },
}

/// Save, as `SaveWebhook` does it: creates where the key of the body is absent, null or 0, and otherwise updates by the
/// rules of [`put()`].
///
/// ```
/// use entity_patch::{Dialect, http::{Save, save}, webhook::Webhook};
///
/// match save::<Webhook>(br#"{"WebhookId": 0, "Name": "sales", "Updated": "whenever"}"#, &Dialect::SUPEROFFICE)? {
///     Save::Create(created) => assert_eq!((created.changed, created.entity.updated), (vec!["Name"], None)),
///     Save::Update { .. } => unreachable!("the id is 0"),
/// }
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 400, 413, 422: those of the body, as [`EntityBody::parse`].
/// - 422: the key is not an integer, or the new entity is refused as by [`put()`].
pub fn save<E: Resource>(body: &[u8], dialect: &Dialect) -> Result<Save<E>, Error> {
    let body = EntityBody::<E>::parse(body, dialect)?;
    Ok(match body.key()? {
        None => Save::Create(body.create(dialect)?),
        Some(key) => Save::Update { key, body },
    })
}

/// The declared member that a name stands for, in any case, as the table spells it. It is for servers that read other
/// formats than JSON, whose values need the member to know what they are.
///
/// ```
/// use entity_patch::{http::declared_name, webhook::Webhook};
///
/// assert_eq!(declared_name::<Webhook>("EVENTS"), Some("Events"));
/// assert_eq!(declared_name::<Webhook>("event"), None);
/// ```
pub fn declared_name<E: Entity>(name: &str) -> Option<&'static str> {
    match resolve::<E>(name, Case::Folded) {
        Ok(Named::Declared(row)) => Some(E::MEMBERS[row].name),
        Ok(Named::OutputOnly | Named::Undeclared) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Limits, webhook::Webhook};

    const STORED: &str = r#"{"WebhookId":7,"Name":"old","Events":["a"],"TargetUrl":null,"Secret":"hush","State":"Stopped","Type":null,"Headers":{"X-Key":"k"},"Properties":null,"Registered":"2020-01-01T00:00:00Z","RegisteredAssociate":null,"Updated":"2021-01-01T00:00:00Z","UpdatedAssociate":null,"ErrorsEmail":null,"Newer":{"a":1}}"#;

    /// What a body makes of the stored entity: what changed or the status and the code, and what was ignored.
    fn outcome(body: &str, unknown_members: UnknownMembers) -> (String, Vec<String>) {
        let dialect = Dialect { unknown_members, ..Dialect::SUPEROFFICE };
        match put::<Webhook>(STORED.as_bytes(), body.as_bytes(), &dialect) {
            Ok(put) => {
                assert_eq!(put.changed.is_empty(), put.json == STORED.as_bytes(), "{body}");
                (put.changed.join(","), put.ignored.iter().map(ToString::to_string).collect())
            }
            Err(error) => {
                let path = error.path().map(Pointer::as_str).unwrap_or_default();
                (format!("{} {} {path}", error.status(), error.code()).trim().to_owned(), Vec::new())
            }
        }
    }

    #[test]
    fn put_sets_the_writable_members_and_keeps_the_others() {
        use UnknownMembers::{Ignore, Reject};
        const NULLED: &str = "Name,Events,Secret,State,Headers";
        let rows = [
            ("{}", Reject, NULLED, vec![]),
            (STORED, Reject, "", vec![]),
            (r#"{"name":"old","EVENTS":["a"],"secret":"hush","state":2,"headers":{"X-Key":"k"}}"#, Reject, "", vec![]),
            (r#"{"WebhookId":7}"#, Reject, NULLED, vec![]),
            (r#"{"WebhookId":7.0}"#, Reject, NULLED, vec![]),
            (r#"{"WebhookId":0}"#, Reject, NULLED, vec![]),
            (r#"{"WebhookId":null,"State":null}"#, Reject, NULLED, vec![]),
            (r#"{"WebhookId":8}"#, Reject, "422 read-only /WebhookId", vec![]),
            ("{\"Webhoo\u{212A}Id\":8}", Reject, "422 read-only /WebhookId", vec![]),
            (r#"{"WebhookId":"7"}"#, Reject, "422 read-only /WebhookId", vec![]),
            (r#"{"Updated":"never","Registered":[],"UpdatedAssociate":5}"#, Reject, NULLED, vec![]),
            (r#"{"_Links":{"Self":1}}"#, Reject, NULLED, vec!["/_Links"]),
            (r#"{"Nmae":"new"}"#, Reject, "422 unknown-member /Nmae", vec![]),
            (r#"{"Nmae":"new"}"#, Ignore, NULLED, vec!["/Nmae"]),
            (r#"{"Nmae":null}"#, Reject, "422 unknown-member /Nmae", vec![]),
            (r#"{"Newer":{"a":1.0}}"#, Reject, NULLED, vec![]),
            (r#"{"newer":{"a":1}}"#, Reject, NULLED, vec![]),
            (r#"{"Newer":{"a":2}}"#, Reject, "422 unknown-member /Newer", vec![]),
            (r#"{"Newer":{"a":2}}"#, Ignore, NULLED, vec!["/Newer"]),
            (r#"{"Name":5}"#, Reject, "422 invalid-value /Name", vec![]),
            (r#"{"State":"Sleepy"}"#, Reject, "422 invalid-value /State", vec![]),
            (r#"{"Headers":{"X":null}}"#, Reject, "422 invalid-value /Headers", vec![]),
            (r#"{"Name":"a","name":"b"}"#, Reject, "400 duplicate-name", vec![]),
            (r#"{"Name":"a","Name":"a"}"#, Reject, "400 duplicate-name", vec![]),
            (r#"{"Headers":{"X":"a","x":"b"}}"#, Reject, "400 duplicate-name", vec![]),
            ("", Reject, "400 missing-body", vec![]),
            (" \n", Reject, "400 missing-body", vec![]),
            ("[]", Reject, "400 not-an-object", vec![]),
            ("null", Reject, "400 not-an-object", vec![]),
            ("{", Reject, "400 malformed-json", vec![]),
        ];
        for (body, unknown_members, expected, ignored) in rows {
            let ignored = ignored.into_iter().map(str::to_owned).collect();
            assert_eq!(outcome(body, unknown_members), (expected.to_owned(), ignored), "{body}");
        }
    }

    #[test]
    fn put_keeps_read_only_and_undeclared_members() {
        let put = put::<Webhook>(STORED.as_bytes(), br#"{"Updated":null,"state":3}"#, &Dialect::SUPEROFFICE).unwrap();
        let (mut expected, json): (Value, Value) =
            (serde_json::from_str(STORED).unwrap(), serde_json::from_slice(&put.json).unwrap());
        for name in ["Name", "Events", "Secret", "Headers"] {
            expected[name] = Value::Null;
        }
        expected["State"] = json!("TooManyErrors");
        assert_eq!(json, expected);
    }

    #[test]
    fn names_are_exact_where_the_dialect_says_so() {
        let error = put::<Webhook>(STORED.as_bytes(), br#"{"name":"new"}"#, &Dialect::RFC).unwrap_err();
        assert_eq!(error.code(), "unknown-member");
    }

    #[test]
    fn the_limits_hold() {
        let limits = Limits { body_bytes: 10, depth: 2, ..Limits::DEFAULT };
        let dialect = Dialect { limits, ..Dialect::SUPEROFFICE };
        for (body, code) in [(r#"{"Name":"longer"}"#, "body-too-large"), (r#"{"P":[[]]}"#, "too-deep")] {
            let error = put::<Webhook>(STORED.as_bytes(), body.as_bytes(), &dialect).unwrap_err();
            assert_eq!(error.code(), code);
        }
    }

    #[test]
    fn a_stored_text_that_is_no_entity_is_the_servers_fault() {
        for stored in ["", "[]", "{\"WebhookId\":\"x\"}"] {
            let error = put::<Webhook>(stored.as_bytes(), b"{}", &Dialect::SUPEROFFICE).unwrap_err();
            assert_eq!((error.status(), error.code()), (500, "malformed-target"), "{stored}");
        }
        let error = put::<Webhook>(b"[]", b"[", &Dialect::SUPEROFFICE).unwrap_err();
        assert_eq!(error.code(), "malformed-json", "the body's errors come first");
    }

    #[test]
    fn save_creates_without_a_key_and_updates_with_one() {
        for body in
            [r#"{"Name":"a"}"#, r#"{"webhookid":0.0,"Name":"a"}"#, r#"{"WebhookId":null,"Name":"a","Updated":5}"#]
        {
            let Ok(Save::Create(created)) = save::<Webhook>(body.as_bytes(), &Dialect::SUPEROFFICE) else {
                panic!("{body}");
            };
            let expected = Webhook { name: Some("a".to_owned()), ..Webhook::default() };
            assert_eq!((created.entity, created.changed), (expected, vec!["Name"]), "{body}");
        }
        for stored in [STORED, &STORED.replacen('7', "7.0", 1), &STORED.replacen('7', "70e-1", 1)] {
            let Ok(Save::Update { key: 7, body }) = save::<Webhook>(stored.as_bytes(), &Dialect::SUPEROFFICE) else {
                panic!("the key is 7: {stored}");
            };
            assert!(body.put(STORED.as_bytes(), &Dialect::SUPEROFFICE).unwrap().changed.is_empty());
        }
        for key in [r#""7""#, "7.5", "1e20", "true", "[7]", "{}"] {
            let body = format!(r#"{{"WebhookId":{key}}}"#);
            let error = save::<Webhook>(body.as_bytes(), &Dialect::SUPEROFFICE).unwrap_err();
            assert_eq!(error.code(), "invalid-value", "{key}");
        }
    }

    #[test]
    fn a_body_shows_no_value() {
        let body = EntityBody::<Webhook>::parse(br#"{"Secret":"hush"}"#, &Dialect::SUPEROFFICE).unwrap();
        assert_eq!(format!("{body:?}"), "EntityBody { members: 1, .. }");
    }
}
