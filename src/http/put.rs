//! What PUT and SaveWebhook write: a whole entity, of which a client may only choose the writable members.

use std::{fmt, marker::PhantomData, ops::Range};

use serde_json::Value;

use crate::{
    Dialect, Error, Format, Limits, ParseError, Patched, PatchedJson, Pointer, UnknownMembers,
    document::{PatchError, PatchErrorKind},
    entity::{
        Access, Entity, patch_text,
        table::{Named, resolve},
    },
    http::object::{Member, members, write_string},
    json::{
        build,
        name::Case,
        number,
        scan::{Problem, ScanError, Scanner},
        value,
    },
    patch::parse,
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
    /// The table has it, as the table spells it, and read-only; anything else does not compile where it is used.
    const KEY: &'static str;
}

/// The row of the key.
const fn key_row<E: Resource>() -> usize {
    let mut row = 0;
    while row < E::MEMBERS.len() {
        if are_same(E::MEMBERS[row].name.as_bytes(), E::KEY.as_bytes()) {
            assert!(matches!(E::MEMBERS[row].access, Access::ReadOnly), "`Resource::KEY` names a read-only member");
            return row;
        }
        row += 1;
    }
    panic!("`Resource::KEY` names a member of the table")
}

const fn are_same(mut left: &[u8], mut right: &[u8]) -> bool {
    while let ([first, rest @ ..], [other, others @ ..]) = (left, right) {
        if *first != *other {
            return false;
        }
        (left, right) = (rest, others);
    }
    left.is_empty() && right.is_empty()
}

/// The body of a PUT or a save: members of an entity by their names.
///
/// Names resolve against the table in any case, and values are judged when they are written. `Debug` shows no value.
///
/// ```
/// use entity_patch::{Dialect, http::EntityBody, superoffice::Webhook};
///
/// let body = EntityBody::<Webhook>::parse(br#"{"webhookid": 7, "name": "sales"}"#, &Dialect::SUPEROFFICE)?;
/// assert_eq!(body.key()?, Some(7));
/// let patched = body.put(br#"{"WebhookId": 7, "Name": "old", "State": "Stopped"}"#, &Dialect::SUPEROFFICE)?;
/// assert_eq!(patched.changed, ["Name", "State"]);
/// # Ok::<(), entity_patch::Error>(())
/// ```
#[derive(Clone)]
pub struct EntityBody<E> {
    json: Vec<u8>,
    /// Where the value of each row of the table stands in it.
    given: Vec<Option<Range<usize>>>,
    /// The members that no row declares, as they are spelt.
    others: Vec<(String, Range<usize>)>,
    entity: PhantomData<fn() -> E>,
}

impl<E> fmt::Debug for EntityBody<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = self.given.iter().flatten().count() + self.others.len();
        formatter.debug_struct("EntityBody").field("members", &members).finish_non_exhaustive()
    }
}

impl<E: Resource> EntityBody<E> {
    const KEY_ROW: usize = key_row::<E>();

    /// Reads a body.
    ///
    /// # Errors
    ///
    /// - 400: the body is empty (`missing-body`), not JSON or not an object, or gives a name twice: a declared one in
    ///   any case, any other at any depth and, where the dialect ignores case, in any case.
    /// - 413: the body is longer than the dialect's limit.
    /// - 422: the body is nested deeper than the limit.
    pub fn parse(body: &[u8], dialect: &Dialect) -> Result<EntityBody<E>, ParseError> {
        // A merge patch that has to be an object is read by the same rules.
        let dialect = Dialect { merge_objects_only: true, ..dialect.clone() };
        parse::merge_span(body, &dialect)?;
        let refuse = |error| parse::refuse(error, body, &dialect);
        let mut read = EntityBody {
            json: body.to_vec(),
            given: vec![None; E::MEMBERS.len()],
            others: Vec::new(),
            entity: PhantomData,
        };
        for Member { name, value } in Scanner::new(body).and_then(|mut body| members(&mut body, 0)).map_err(refuse)? {
            match resolve::<E>(&name, Case::Folded) {
                Ok(Named::Declared(row)) => {
                    let offset = value.start;
                    if read.given[row].replace(value).is_some() {
                        return Err(refuse(ScanError { offset, problem: Problem::DuplicateName }));
                    }
                }
                // No two names of a table are equal.
                Ok(Named::OutputOnly | Named::Undeclared) | Err(_) => read.others.push((name.into_owned(), value)),
            }
        }
        Ok(read)
    }

    /// Which entity the body means; `None` where its key is absent, null or 0.
    ///
    /// # Errors
    ///
    /// 422 `invalid-value`: the key is not an integer.
    pub fn key(&self) -> Result<Option<i64>, PatchError> {
        let Some(key) = self.given_key() else { return Ok(None) };
        match self.read(key).as_number().and_then(number::whole) {
            Some(key) => Ok(Some(key)),
            None => Err(refuse(PatchErrorKind::InvalidValue, Pointer::to_member(E::KEY))),
        }
    }

    /// The key, unless it is null or 0.
    fn given_key(&self) -> Option<&Range<usize>> {
        self.given[Self::KEY_ROW].as_ref().filter(|key| match self.read(key) {
            Value::Null => false,
            Value::Number(number) => !number::equal(&number, &0.into()),
            Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => true,
        })
    }

    /// A value of the body, which was validated.
    fn read(&self, value: &Range<usize>) -> Value {
        let text = Scanner::new(&self.json[value.clone()]);
        let read = text.and_then(|mut text| build::value(&mut text, Limits::MAX_DEPTH, Case::Exact));
        read.map(|read| read.value).unwrap_or_default()
    }

    /// Replaces a stored entity: bytes in, bytes out; see [`put()`].
    ///
    /// # Errors
    ///
    /// As [`put()`], but for those of the body itself.
    pub fn put(&self, stored: &[u8], dialect: &Dialect) -> Result<PatchedJson, Error> {
        // What the body may hold was checked when it was read.
        let limits =
            Limits { body_bytes: usize::MAX, operations: usize::MAX, pointer_bytes: usize::MAX, ..dialect.limits };
        let dialect = Dialect { limits, ..dialect.clone() };
        patch_text::<E>(stored, &self.json_patch(), Format::JsonPatch, &dialect, true).map_err(|error| match error {
            Error::Patch(error) => error.without_operation().into(),
            error => error,
        })
    }

    /// The JSON Patch that a PUT is: each writable member is replaced, and the others have to be what they are.
    fn json_patch(&self) -> Vec<u8> {
        let mut patch = Vec::with_capacity(self.json.len() + 64 * E::MEMBERS.len());
        let mut write = |op: &str, name: &str, value: &[u8]| {
            patch.extend_from_slice(if patch.is_empty() { b"[{\"op\":\"" } else { b",{\"op\":\"" });
            patch.extend_from_slice(op.as_bytes());
            patch.extend_from_slice(b"\",\"path\":");
            write_string(Pointer::to_member(name).as_str(), &mut patch);
            patch.extend_from_slice(b",\"value\":");
            patch.extend_from_slice(value);
            patch.push(b'}');
        };
        for (row, (member, given)) in E::MEMBERS.iter().zip(&self.given).enumerate() {
            match member.access {
                Access::Writable => {
                    let given = given.as_ref().map(|value| &self.json[value.clone()]).filter(|value| *value != b"null");
                    match given {
                        Some(value) => write("replace", member.name, value),
                        None => write("replace", member.name, unset(member).to_string().as_bytes()),
                    }
                }
                Access::ReadOnly if row == Self::KEY_ROW => {
                    if let Some(key) = self.given_key() {
                        write("replace", member.name, &self.json[key.clone()]);
                    }
                }
                Access::ReadOnly => {}
            }
        }
        for (name, value) in &self.others {
            write("add", name, &self.json[value.clone()]);
        }
        patch.extend_from_slice(if patch.is_empty() { b"[]" } else { b"]" });
        patch
    }

    /// A new entity: the writable members of the body, everything else as a new entity has it.
    ///
    /// # Errors
    ///
    /// 422: as [`put()`].
    pub fn create(&self, dialect: &Dialect) -> Result<Patched<E>, PatchError> {
        let new = E::default();
        let mut entity = new.clone();
        let mut changed = Vec::new();
        let rows = E::MEMBERS.iter().zip(&self.given);
        for (member, given) in rows.filter(|(member, _)| member.access == Access::Writable) {
            let value = given.as_ref().map(|given| self.read(given)).filter(|value| !value.is_null());
            if !(member.write)(&mut entity, value.unwrap_or_else(|| unset(member))) {
                return Err(refuse(PatchErrorKind::InvalidValue, Pointer::to_member(member.name)));
            }
            let [old, value] = [&new, &entity].map(|entity| (member.read)(entity).unwrap_or_default());
            if !value::equal(&old, &value) {
                changed.push(member.name);
            }
        }
        let mut ignored = Vec::new();
        for (name, _) in &self.others {
            let path = Pointer::to_member(name);
            match (resolve::<E>(name, dialect.case()), dialect.unknown_members) {
                (Ok(Named::OutputOnly), _) | (_, UnknownMembers::Ignore) => ignored.push(path),
                (_, UnknownMembers::Reject) => return Err(refuse(PatchErrorKind::UnknownMember, path)),
            }
        }
        Ok(Patched { entity, changed, ignored })
    }
}

/// What a writable member becomes that is not given: null or, where it cannot be null, what it is in a new entity.
fn unset<E: Resource>(member: &crate::Member<E>) -> Value {
    match (member.write)(&mut E::default(), Value::Null) {
        true => Value::Null,
        false => (member.read)(&E::default()).unwrap_or_default(),
    }
}

fn refuse(kind: PatchErrorKind, path: Pointer) -> PatchError {
    PatchError::new(kind, None, path)
}

/// PUT (RFC 9110 section 9.3.4): replaces a stored entity by the body of a request, bytes in, bytes out.
///
/// The writable members become what the body gives; absent ones become null or, where they cannot be null, what they
/// are in a new entity. The read-only ones stay as they are stored, whatever the body says, but a key that is neither
/// absent, null, 0 nor the stored one is refused: the body is about another entity. Members that the entity does not
/// declare survive, and what the body gives for others follows [`Dialect::unknown_members`]. As with
/// [`patch_stored`](crate::patch_stored), what does not change keeps its bytes, and where nothing does the result is the
/// stored text itself; otherwise a declared member that the text does not have is appended, null where nothing gives it.
///
/// ```
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
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 400, 413, 422: those of the body, as [`EntityBody::parse`].
/// - 500: the stored text is not JSON, nested deeper than 127 levels or not an object.
/// - 422: the key is another one (`read-only`), a member cannot hold its value (`invalid-value`), or the entity does
///   not declare a member (`unknown-member`).
/// - 409: a name that is given stands twice in the stored text (`ambiguous-name`).
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
/// use entity_patch::{Dialect, http::{Save, save}, superoffice::Webhook};
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
/// use entity_patch::{http::declared_name, superoffice::Webhook};
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
    use crate::{Limits, superoffice::Webhook};

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
    fn names_of_the_table_are_found_in_any_case_under_any_dialect() {
        for (body, expected) in [
            (r#"{"name":"new"}"#, Ok("new")),
            (r#"{"Headers":{"x":"1","X":"2"},"NAME":"new"}"#, Ok("new")),
            (r#"{"name":"new","NAME":"new"}"#, Err("duplicate-name")),
            (r#"{"nmae":"new"}"#, Err("unknown-member")),
            (r#"{"newer":{"a":1}}"#, Err("unknown-member")),
        ] {
            let put = put::<Webhook>(STORED.as_bytes(), body.as_bytes(), &Dialect::RFC);
            let name = put.map(|put| serde_json::from_slice::<Webhook>(&put.json).unwrap().name.unwrap());
            assert_eq!(name.as_deref().map_err(Error::code), expected, "{body}");
        }
    }

    /// What a tree would round or refuse is written, compared and kept as it is spelt.
    #[test]
    fn put_keeps_what_a_tree_cannot_hold() {
        const FAR: &str = "1e400";
        const LARGE: &str = "18446744073709551617";
        let rows = [
            (
                format!(r#"{{"WebhookId":7,"Newer":{FAR},"Other":{{"a":1,"a":2}}}}"#),
                r#"{"Name":"z"}"#.to_owned(),
                "Name,State",
            ),
            (
                format!(r#"{{"WebhookId":7,"State":"Active","Properties":{{"n":{FAR}}}}}"#),
                "{}".to_owned(),
                "Properties",
            ),
            (
                r#"{"WebhookId":7,"State":"Active","Properties":{"n":18446744073709551616}}"#.to_owned(),
                format!(r#"{{"Properties":{{"n":{LARGE}}}}}"#),
                "Properties",
            ),
            (
                format!(r#"{{"WebhookId":7,"State":"Active","Properties":{{"n":{LARGE}.0}}}}"#),
                format!(r#"{{"Properties":{{"n":{LARGE}}}}}"#),
                "",
            ),
        ];
        for (stored, body, changed) in rows {
            let put = put::<Webhook>(stored.as_bytes(), body.as_bytes(), &Dialect::SUPEROFFICE).unwrap();
            assert_eq!(put.changed.join(","), changed, "{stored} {body}");
            let json = String::from_utf8(put.json).unwrap();
            for kept in ["1e400", r#"{"a":1,"a":2}"#] {
                assert_eq!(json.contains(kept), stored.contains(kept) && changed != "Properties", "{json}");
            }
            assert_eq!(json.contains(LARGE), body.contains(LARGE), "{json}");
        }
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

    /// They are about the body as it was sent, not about the operations that it stands for.
    #[test]
    fn a_body_within_the_limits_is_put() {
        let body = r#"{"Name":"new"}"#;
        let limits = Limits { body_bytes: body.len(), operations: 1, pointer_bytes: 1, ..Limits::DEFAULT };
        let dialect = Dialect { limits, ..Dialect::SUPEROFFICE };
        let put = put::<Webhook>(STORED.as_bytes(), body.as_bytes(), &dialect).unwrap();
        assert_eq!(put.changed, ["Name", "Events", "Secret", "State", "Headers"]);
    }

    /// In the order of the table, and null but for what cannot be null.
    #[test]
    fn put_adds_what_is_absent_and_keeps_what_is_equal() {
        let stored = br#"{"Updated":null,"Properties":{"n":1.0},"Type":"t"}"#;
        let put = put::<Webhook>(stored, br#"{"Properties":{"n":1},"Name":"a"}"#, &Dialect::SUPEROFFICE).unwrap();
        assert_eq!(
            String::from_utf8(put.json).unwrap(),
            r#"{"Updated":null,"Properties":{"n":1.0},"Type":null,"Name":"a","Events":null,"TargetUrl":null,"Secret":null,"State":"Active","Headers":null,"Registered":null,"RegisteredAssociate":null,"UpdatedAssociate":null,"ErrorsEmail":null}"#,
        );
        assert_eq!(put.changed, ["Name", "State", "Type"]);
    }

    #[test]
    fn a_stored_text_that_is_no_entity_is_the_servers_fault() {
        for stored in ["", "[]", "{\"WebhookId\":7,}"] {
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
    fn the_key_may_be_any_row() {
        #[derive(Clone, Default)]
        struct Contact {
            name: Option<String>,
            kind: i32,
            id: i32,
        }

        crate::entity! { Contact {
            "Name" => name: writable,
            "Contact" => kind: read_only,
            "ContactId" => id: read_only,
        } }

        impl Resource for Contact {
            const KEY: &'static str = "ContactId";
        }

        let body = EntityBody::<Contact>::parse(br#"{"Contact":5,"ContactId":7,"Name":"a"}"#, &Dialect::RFC).unwrap();
        assert_eq!(body.key(), Ok(Some(7)));
        let put = |stored: &str| body.put(stored.as_bytes(), &Dialect::RFC).map(|put| put.changed);
        assert_eq!(put(r#"{"Name":null,"Contact":6,"ContactId":7}"#), Ok(vec!["Name"]));
        assert_eq!(put(r#"{"Name":null,"Contact":5,"ContactId":8}"#).unwrap_err().code(), "read-only");
    }

    #[test]
    fn a_body_shows_no_value() {
        let body = EntityBody::<Webhook>::parse(br#"{"Secret":"hush"}"#, &Dialect::SUPEROFFICE).unwrap();
        assert_eq!(format!("{body:?}"), "EntityBody { members: 1, .. }");
    }
}
