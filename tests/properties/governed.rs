//! Laws of patches under tables, for any entity.

use std::{cell::RefCell, fmt};

use entity_patch::{
    Access, Dialect, Error, Format, MemberWrite, MergePatch, Operation, Patch, PatchDocument, PatchedJson, Pointer,
    Policy, UnknownMembers, apply, http, merge, patch_json, patch_stored, patch_stored_with, visible,
};
use serde_json::{Map, Value, json};
use unicase::UniCase;

use super::{
    choices::{self, Choices},
    entities::{Comment, Company, Directory, HIDDEN_TEXTS, Member, Page, Profile, Settings, Shape, Spec, Subject},
    model, seen, superoffice,
    text::{has_duplicate, is_held_by_a_tree},
};

/// A stored entity, a request, and numbers for laws that hold for every choice of something.
#[derive(Clone)]
pub struct Case {
    pub stored: String,
    pub body: String,
    pub format: Format,
    pub dialect: Dialect,
    pub choices: u64,
}

/// As a seed of the fuzz target is written.
impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Case { stored, body, format, dialect, choices } = self;
        let rules = if dialect.ignore_case { "superoffice" } else { "rfc" };
        let moves = if dialect.move_and_copy { " moves" } else { "" };
        let ignore = if dialect.unknown_members == UnknownMembers::Ignore { " ignore" } else { "" };
        let tight = if dialect.limits.copied_bytes < 1000 { " tight" } else { "" };
        write!(formatter, "{format:?}: {rules}{moves}{ignore}{tight} {choices}\n\n{stored}\n\n{body}\n")
    }
}

/// A kind of entity: its name, its description, and all laws on a case of it.
type Kind = (&'static str, fn() -> Shape, fn(&Case));

/// Every kind of entity.
pub const KINDS: [Kind; 6] = [
    ("company", Company::shape, all::<Company>),
    ("comment", Comment::shape, all::<Comment>),
    ("directory", Directory::shape, all::<Directory>),
    ("page", Page::<Settings>::shape, all::<Page<Settings>>),
    ("settings", Settings::shape, all::<Settings>),
    ("profile", Profile::shape, all::<Profile>),
];

fn all<E: Subject>(case: &Case) {
    let is_value = serde_json::from_str::<Value>(&case.stored).is_ok();
    if !is_value || serde_json::from_str::<E>(&case.stored).is_err() || has_duplicate(&case.stored) {
        let _ = patch::<E>(case);
        return;
    }
    what_is_protected_stays::<E>(case);
    a_policy_is_asked_about_what_changed::<E>(case);
    nothing_is_lost::<E>(case);
    text_and_entity_agree::<E>(case);
    nothing_tells_what_is_hidden::<E>(case);
    nothing_tells_what_may_not_be_read::<E>(case);
    the_case_of_names_changes_nothing::<E>(case);
    put_writes_what_is_the_clients::<E>(case);
    what_did_not_change_keeps_its_bytes::<E>(case);
}

/// Draws up a case and checks all laws on it.
pub fn check(choices: &[u8]) {
    let mut choices = Choices(choices);
    let (_, shape, check) = KINDS[choices.below(KINDS.len())];
    check(&draw(shape, &mut choices));
}

pub fn draw(shape: fn() -> Shape, choices: &mut Choices<'_>) -> Case {
    let mut dialect = if choices.is_rare(2) { Dialect::SUPEROFFICE } else { Dialect::RFC };
    dialect.move_and_copy |= choices.is_rare(4);
    if choices.is_rare(4) {
        dialect.unknown_members = UnknownMembers::Ignore;
    }
    if choices.is_rare(16) {
        dialect.limits.copied_bytes = 24;
    }
    let spec = Spec::Object(shape);
    let body_kind = choices.below(3);
    let other = choices.next() as u64;
    let stored = choices::stored(spec, choices, 0);
    let document = seen::shown(spec, &seen::whole(spec, &stored));
    let body = match body_kind {
        0 => choices::merge_patch(spec, Some(&document), choices, 0).to_string(),
        _ => choices::json_patch(shape, &document, choices, dialect.move_and_copy).to_string(),
    };
    let choices = other.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Case { stored: stored.to_string(), body, format: Format::ByShape, dialect, choices }
}

fn patch<E: Subject>(case: &Case) -> Result<PatchedJson, Error> {
    patch_stored::<E>(case.stored.as_bytes(), case.body.as_bytes(), case.format, &case.dialect)
}

fn value_of(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(json)))
}

/// What an entity holds, from its JSON.
fn held<E: Subject>(json: &[u8]) -> Value {
    seen::whole(Spec::Object(E::shape), &value_of(json))
}

fn top(path: &str) -> String {
    path.split('/').nth(1).unwrap_or_default().to_owned()
}

/// The names at the top under which something differs, as `changed` has them.
fn changed_names<E: Subject>(before: &Value, after: &Value) -> (Vec<String>, Vec<String>) {
    let mut paths = Vec::new();
    seen::changed(Spec::Object(E::shape), before, after, "", &mut paths);
    let mut names: Vec<String> = paths.iter().map(|path| top(path)).collect();
    names.dedup();
    (names, paths)
}

/// Where a patch succeeds, no read-only or hidden member differs; `changed` is what differs, and the result is an entity.
pub fn what_is_protected_stays<E: Subject>(case: &Case) {
    let Ok(patched) = patch::<E>(case) else { return };
    let result = String::from_utf8_lossy(&patched.json);
    let (before, after) = (held::<E>(case.stored.as_bytes()), held::<E>(&patched.json));
    let spec = Spec::Object(E::shape);
    assert!(seen::keeps_what_is_protected(spec, Some(&before), &after, false), "protected: {case:?}: {result}");
    let (names, _) = changed_names::<E>(&before, &after);
    assert_eq!(patched.changed, names, "changed: {case:?}: {result}");
    if names.is_empty() {
        assert_eq!(result, case.stored, "unchanged: {case:?}");
    }
    serde_json::from_slice::<E>(&patched.json).unwrap_or_else(|error| panic!("read back: {error}: {case:?}: {result}"));
    for path in &patched.ignored {
        Pointer::parse(path.as_str()).expect("a pointer");
    }
}

/// Notes what it is asked, and refuses one member.
struct Caller<'c> {
    refused: Option<&'c str>,
    asked: RefCell<Vec<(String, bool)>>,
}

impl<E> Policy<E> for Caller<'_> {
    fn may_write(&self, write: &MemberWrite<'_>) -> bool {
        let is_refused = self.refused.is_some_and(|refused| write.is_within(refused));
        self.asked.borrow_mut().push((write.path().to_string(), is_refused));
        !is_refused
    }

    fn validates(&self) -> bool {
        false
    }
}

fn is_around(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A policy is asked about everything that differs and about nothing else; where it refuses a member, it stays.
pub fn a_policy_is_asked_about_what_changed<E: Subject>(case: &Case) {
    let call = |refused: Option<&str>| {
        let caller = Caller { refused, asked: RefCell::default() };
        let (stored, body) = (case.stored.as_bytes(), case.body.as_bytes());
        let result = patch_stored_with::<E>(stored, body, case.format, &case.dialect, &caller);
        (result, caller.asked.into_inner())
    };
    let (allowed, asked) = call(None);
    assert_eq!(allowed, patch::<E>(case), "allowed: {case:?}");
    let before = held::<E>(case.stored.as_bytes());
    let member = some_member(E::shape, case.choices);
    let (refused, refusals) = call(Some(&member));
    if let Ok(patched) = &refused {
        let values = |value: &Value| {
            let mut values = Vec::new();
            let names: Vec<&str> = member.split('/').skip(1).collect();
            seen::values_of(Spec::Object(E::shape), value, &names, &mut values);
            values.sort_unstable();
            values
        };
        let after = held::<E>(&patched.json);
        if !E::shape().members.iter().any(|member| member.is_date) {
            assert_eq!(values(&before), values(&after), "refused {member}: {case:?}");
        }
        assert!(refusals.iter().all(|(_, is_refused)| !is_refused), "refused {member}: {case:?}");
    }
    let Ok(patched) = allowed else { return };
    let after = held::<E>(&patched.json);
    let (_, paths) = changed_names::<E>(&before, &after);
    let asked: Vec<&str> = asked.iter().map(|(path, _)| path.as_str()).collect();
    let are_near = |one: &str, other: &str| is_around(one, other) || is_around(other, one);
    for path in &paths {
        assert!(asked.iter().any(|asked| are_near(asked, path)), "{path} is not in {asked:?}: {case:?}");
    }
    for asked in &asked {
        assert!(paths.iter().any(|path| are_near(path, asked)), "{asked} is not in {paths:?}: {case:?}");
    }
    // The same is in `changes`, or what is deeper.
    match patched.changes() {
        Ok(changes) => {
            let changes: Vec<&str> = changes.iter().map(Pointer::as_str).collect();
            let is_asked = |place: &str| asked.iter().any(|asked| is_around(asked, place));
            assert!(changes.iter().all(|place| is_asked(place)), "{changes:?} in {asked:?}: {case:?}");
            let is_there = |asked: &str| changes.iter().any(|place| is_around(asked, place));
            assert!(asked.iter().all(|asked| is_there(asked)), "{asked:?} in {changes:?}: {case:?}");
        }
        Err(error) => {
            let lengths = asked.iter().map(|path| path.len());
            assert_eq!(error.code(), "too-much-work", "{case:?}");
            assert!(lengths.sum::<usize>() > 0 && case.dialect.limits.copied_bytes < 4096, "{case:?}");
        }
    }
    match &refused {
        Ok(refused) => assert_eq!(refused, &patched, "{member}: {case:?}"),
        Err(error) => {
            assert_eq!((error.status(), error.code()), (403, "forbidden-member"), "{member}: {case:?}");
            let path = error.path().map(ToString::to_string).unwrap_or_default();
            assert!(refusals.iter().any(|(asked, is_refused)| *is_refused && *asked == path), "{path}: {case:?}");
            let is_list = case.body.trim_start().starts_with('[');
            assert_eq!(error.operation().is_some(), is_list, "{error}: {case:?}");
        }
    }
}

/// The path of a member, without indices and names of maps.
fn some_member(shape: fn() -> Shape, mut choices: u64) -> String {
    let (mut spec, mut path) = (Spec::Object(shape), String::new());
    loop {
        spec = match spec {
            Spec::Leaf(_) => return path,
            Spec::List(of, _) | Spec::Map(of) => *of,
            Spec::Object(shape) => {
                if !path.is_empty() && choices & 3 == 0 {
                    return path;
                }
                choices >>= 2;
                let shown = shape().members.iter().filter(|member| member.access != Access::Hidden);
                let members: Vec<_> = shown.collect();
                let member = members[choices as usize % members.len()];
                choices /= members.len() as u64;
                path.push('/');
                path.push_str(member.name);
                member.spec
            }
        }
    }
}

/// Reading the result gives what a tree with the same patch reads as, or something was reported. After each operation the
/// tree gets what its entity reads as: a `copy` and a `move` take that.
pub fn nothing_is_lost<E: Subject>(case: &Case) {
    let spec = Spec::Object(E::shape);
    let Ok(patched) = patch::<E>(case) else { return };
    if !patched.ignored.is_empty() || !is_held_by_a_tree(&case.body) {
        return;
    }
    let stored = seen::settled(spec, &value_of(case.stored.as_bytes()));
    let mut tree = stored.clone();
    let own_name = |member: &Member, _: &str, _| member.name.to_owned();
    let renaming = Renaming { name_of: &own_name, ignores_case: case.dialect.ignore_case };
    let settled = |tree: &Value| seen::settled(spec, &with_kept(&E::shape(), &stored, tree));
    // The tree has what serde leaves out, and copies that, too.
    let mut dialect = case.dialect.clone();
    dialect.limits.copied_bytes = usize::MAX;
    let applied = match PatchDocument::parse(case.body.as_bytes(), case.format, &case.dialect) {
        Ok(PatchDocument::JsonPatch(patch)) => {
            // A `test` holds for more than what is in the tree, and writes nothing.
            let writes = patch.operations().iter().filter(|operation| !matches!(operation, Operation::Test { .. }));
            writes.map(|operation| renaming.operation(spec, operation)).try_for_each(|operation| {
                apply(&mut tree, &Patch::new(vec![operation]), &dialect).map(|()| tree = settled(&tree))
            })
        }
        Ok(PatchDocument::MergePatch(patch)) => {
            let patch = MergePatch::new(renaming.value(spec, patch.as_value(), 0, true));
            merge(&mut tree, &patch, &dialect).map(|()| tree = settled(&tree))
        }
        Err(error) => panic!("{error}: {case:?}"),
    };
    match applied {
        Ok(()) => {}
        // What serde leaves out may be a level deeper than all else.
        Err(error) if error.code() == "too-deep" => return,
        Err(error) => panic!("not applied: {error}: {case:?}: {tree}"),
    }
    let read = |value: Value| serde_json::from_value::<E>(value).ok().map(|entity| value_of(&to_vec(&entity)));
    let result = read(value_of(&patched.json)).expect("an entity is read back");
    // A copy of a tree does not know the hidden members that an entity has to have. Nor is it read where it has the `0.0`
    // that was written, and the entity the `0` that was stored, which is equal.
    let expected = read(with_hidden(spec, &tree)).unwrap_or(tree);
    let visible_part = |value| seen::shown(spec, &seen::whole(spec, value));
    let (expected, result) = (visible_part(&expected), visible_part(&result));
    assert!(seen::all_equal(spec, &expected, &result), "lost: {case:?}: {result} and not {expected}");
}

/// An entity with the undeclared members of the stored one, if no patch can write them.
fn with_kept(shape: &Shape, stored: &Value, entity: &Value) -> Value {
    let mut entity = entity.clone();
    if let (Value::Object(stored), Value::Object(object), true) = (stored, &mut entity, shape.keeps && !shape.is_open) {
        let is_declared = |name: &str| shape.members.iter().any(|member| member.name == name);
        let kept = stored.iter().filter(|(name, _)| !is_declared(name));
        object.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    }
    entity
}

fn to_vec<E: Subject>(entity: &E) -> Vec<u8> {
    serde_json::to_vec(entity).expect("an entity is JSON")
}

/// A value in which every hidden member that has to be there is.
fn with_hidden(spec: Spec, value: &Value) -> Value {
    match (spec, value) {
        (Spec::Object(shape), Value::Object(object)) => {
            let mut object = object.clone();
            for member in shape().members {
                match member.name_in(&object) {
                    Some(name) => {
                        let value = with_hidden(member.spec, &object[name]);
                        object.insert(name.to_owned(), value);
                    }
                    None if member.absent.is_none() && member.access == Access::Hidden => {
                        object.insert(member.name.to_owned(), Value::from(""));
                    }
                    None => {}
                }
            }
            object.into()
        }
        (Spec::List(of, _), Value::Array(list)) => list.iter().map(|value| with_hidden(*of, value)).collect(),
        (Spec::Map(of), Value::Object(map)) => {
            map.iter().map(|(name, value)| (name.clone(), with_hidden(*of, value))).collect::<Map<_, _>>().into()
        }
        (_, value) => value.clone(),
    }
}

/// What is told of an error.
fn told(error: &Error) -> (u16, &'static str, Option<usize>, Option<String>, String) {
    (error.status(), error.code(), error.operation(), error.path().map(ToString::to_string), error.to_string())
}

/// A patch on an entity, on what it is written as, and on a text that reads as it come to the same.
pub fn text_and_entity_agree<E: Subject>(case: &Case) {
    if !is_held_by_a_tree(&case.stored) || !is_held_by_a_tree(&case.body) || has_duplicate(&case.body) {
        return;
    }
    // A tree may not keep the order of the names in a text.
    let body = serde_json::from_str::<Value>(&case.body).map_or_else(|_| case.body.clone(), |body| body.to_string());
    let case = &Case { body, ..case.clone() };
    let entity: E = serde_json::from_str(&case.stored).expect("it was read before");
    let document = PatchDocument::parse(case.body.as_bytes(), case.format, &case.dialect);
    let typed =
        document.map_err(Error::from).and_then(|document| entity_patch::patch(&entity, &document, &case.dialect));
    let written = String::from_utf8(to_vec(&entity)).expect("JSON is UTF-8");
    for stored in [&written, &case.stored] {
        // Where a container is taken, what another text leaves out or is spelled like counts.
        if *stored != written && ["\"copy\"", "\"move\""].iter().any(|op| case.body.contains(op)) {
            continue;
        }
        let result = patch::<E>(&Case { stored: stored.clone(), ..case.clone() });
        match (&result, &typed) {
            (Ok(text), Ok(typed)) => {
                let read: E = serde_json::from_slice(&text.json).expect("the result is an entity");
                let (read, expected) = (value_of(&to_vec(&read)), value_of(&to_vec(&typed.entity)));
                assert!(model::equal(&read, &expected), "{read} and not {expected}: {case:?} on {stored}");
                assert_eq!(text.changed, typed.changed, "{case:?} on {stored}");
                let sorted = |paths: &[Pointer]| {
                    let mut paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
                    // What was moved has the order of the text.
                    if *stored != written {
                        paths.sort_unstable();
                    }
                    paths
                };
                assert_eq!(sorted(&text.ignored), sorted(&typed.ignored), "{case:?} on {stored}");
            }
            (Err(text), Err(typed)) if *stored == written => {
                assert_eq!(told(text), told(typed), "{case:?} on {stored}")
            }
            // Of two faults in what was moved, the first one in the text counts.
            (Err(text), Err(typed)) => {
                assert_eq!((text.code(), text.operation()), (typed.code(), typed.operation()), "{case:?} on {stored}");
            }
            _ => panic!("{result:?} and not {typed:?}: {case:?} on {stored}"),
        }
    }
}

/// What a client is told does not depend on what is hidden, and never contains it.
pub fn nothing_tells_what_is_hidden<E: Subject>(case: &Case) {
    let spec = Spec::Object(E::shape);
    let other = |index: usize| {
        let sample = |samples: &[&str]| serde_json::from_str(samples[index.min(1)]).ok();
        let edit = |member: Option<&Member>, value: &Value| match member {
            None if index == 2 => None,
            None => sample(HIDDEN_TEXTS),
            Some(Member { access: Access::Hidden, absent: Some(_), .. }) if index == 2 => None,
            Some(Member { access: Access::Hidden, spec: Spec::Leaf(samples), .. }) => sample(samples),
            Some(_) => Some(value.clone()),
        };
        seen::edited(spec, &value_of(case.stored.as_bytes()), &edit).to_string()
    };
    type Answer =
        Result<(Vec<&'static str>, Vec<Pointer>, String), (u16, &'static str, Option<usize>, Option<String>, String)>;
    let answers = |stored: String| -> Vec<Answer> {
        let is_planted = |text: &str| text.contains("planted") || text.contains("91827364");
        // A client may see what is under a name that no table knows, or what it sent itself.
        let stored_value = value_of(stored.as_bytes());
        let may_be_shown = is_planted(&case.body) || is_planted(&seen::shown(spec, &stored_value).to_string());
        let answer = |result: Result<PatchedJson, Error>| match result {
            Ok(patched) => {
                let shown = visible::<E>(&patched.json).expect("the result is an object");
                let shown = String::from_utf8(shown).expect("UTF-8");
                assert!(!is_planted(&shown) || may_be_shown, "{shown}: {case:?}");
                let expected = seen::shown(spec, &value_of(&patched.json));
                assert!(model::equal(&value_of(shown.as_bytes()), &expected), "{shown}: {case:?}");
                Ok((patched.changed, patched.ignored, shown))
            }
            Err(error) => {
                assert!(!is_planted(&format!("{error} {error:?}")), "{error:?}: {case:?}");
                Err(told(&error))
            }
        };
        let (json, body) = (stored.as_bytes(), case.body.as_bytes());
        vec![
            answer(patch_stored::<E>(json, body, case.format, &case.dialect)),
            answer(http::put::<E>(json, body, &case.dialect)),
            answer(patch_stored::<E>(json, b"{}", Format::MergePatch, &case.dialect)),
        ]
    };
    let first = answers(other(0));
    for index in 1..3 {
        assert_eq!(answers(other(index)), first, "{}: {case:?}", other(index));
    }
}

/// A caller who may not read one place.
struct Reader<'r>(&'r str);

impl<E> Policy<E> for Reader<'_> {
    fn may_read(&self, path: &Pointer) -> bool {
        path.as_str() != self.0
    }

    fn validates(&self) -> bool {
        false
    }
}

/// A `test` and a `from` of what a caller may not read, or of anything around it, meet what they would where it is not.
pub fn nothing_tells_what_may_not_be_read<E: Subject>(case: &Case) {
    let spec = Spec::Object(E::shape);
    let shown = seen::shown(spec, &held::<E>(case.stored.as_bytes()));
    let mut places = Vec::new();
    seen::places(&shown, "", &mut places);
    let Some(place) = places.get(case.choices as usize % places.len().max(1)) else { return };
    let mut dialect = case.dialect.clone();
    dialect.move_and_copy = true;
    dialect.unknown_members = UnknownMembers::Reject;
    let ends = place.match_indices('/').map(|(end, _)| end).chain([place.len()]);
    for around in ends.map(|end| &place[..end]) {
        let value = shown.pointer(around).expect("it is around a place");
        for operation in [
            json!({"op": "test", "path": around, "value": value}),
            json!({"op": "copy", "from": around, "path": around}),
        ] {
            let body = json!([operation]).to_string();
            let call = |policy: &dyn Policy<E>| {
                let (stored, body) = (case.stored.as_bytes(), body.as_bytes());
                patch_stored_with::<E>(stored, body, Format::JsonPatch, &dialect, policy)
            };
            let code = call(&Reader(place)).err().map(|error| error.code());
            assert_eq!(code, Some("unknown-member"), "{place} is told by {operation}: {case:?}");
        }
    }
}

/// Declared names of a body in another case give the same, under rules that ignore it.
pub fn the_case_of_names_changes_nothing<E: Subject>(case: &Case) {
    if !case.dialect.ignore_case || has_duplicate(&case.body) {
        return;
    }
    let spec = Spec::Object(E::shape);
    let Ok(document) = PatchDocument::parse(case.body.as_bytes(), case.format, &case.dialect) else { return };
    let is_list = matches!(document, PatchDocument::JsonPatch(_));
    let name_of = |_: &Member, name: &str, depth: u32| {
        superoffice::recased(name, case.choices.rotate_left(depth.wrapping_mul(7)))
    };
    let renaming = Renaming { name_of: &name_of, ignores_case: false };
    let body = match document {
        PatchDocument::MergePatch(patch) => renaming.value(spec, patch.as_value(), 0, true).to_string(),
        PatchDocument::JsonPatch(patch) => {
            let operations = patch.operations().iter().map(|operation| renaming.operation(spec, operation));
            Patch::new(operations.collect()).to_string()
        }
    };
    // What the body means in a text is another thing than what it means as a tree.
    let same = serde_json::from_str::<Value>(&case.body).map_or_else(|_| case.body.clone(), |body| body.to_string());
    let (first, second) =
        (patch::<E>(&Case { body: same, ..case.clone() }), patch::<E>(&Case { body: body.clone(), ..case.clone() }));
    match (first, second) {
        (Ok(first), Ok(second)) => {
            // A path that leads nowhere is reported as it was sent.
            let folded = |paths: &[Pointer]| {
                let fold = |path: &Pointer| UniCase::unicode(path.as_str()).to_folded_case();
                let mut paths: Vec<String> = paths.iter().map(fold).collect();
                paths.sort_unstable();
                paths
            };
            assert_eq!(folded(&first.ignored), folded(&second.ignored), "{body}: {case:?}");
            let text = |patched: &PatchedJson| String::from_utf8_lossy(&patched.json).into_owned();
            assert!(
                model::equal(&value_of(&first.json), &value_of(&second.json)),
                "{} and not {}: {body}: {case:?}",
                text(&second),
                text(&first),
            );
            assert_eq!(first.changed, second.changed, "{body}: {case:?}");
        }
        (Err(first), Err(second)) if is_list => {
            assert_eq!((first.code(), first.operation()), (second.code(), second.operation()), "{body}: {case:?}")
        }
        (Err(_), Err(_)) => {}
        (first, second) => panic!("{second:?} and not {first:?}: {body}: {case:?}"),
    }
}

/// Other names for the declared members in a body.
struct Renaming<'n> {
    /// What a member is called instead of a name, so many members deep in a value.
    name_of: &'n dyn Fn(&Member, &str, u32) -> String,
    ignores_case: bool,
}

impl Renaming<'_> {
    fn declared(&self, shape: &Shape, name: &str) -> Option<&'static Member> {
        let mut shown = shape.members.iter().filter(|member| member.access != Access::Hidden);
        shown.find(|member| {
            let mut names = member.alias.into_iter().chain([member.name]);
            names.any(|own| own == name || (self.ignores_case && UniCase::unicode(own) == UniCase::unicode(name)))
        })
    }

    fn value(&self, spec: Spec, value: &Value, depth: u32, appends: bool) -> Value {
        match (spec, value) {
            (Spec::Object(shape), Value::Object(object)) => {
                let shape = shape();
                let member = |(name, value): (&String, &Value)| match self.declared(&shape, name) {
                    Some(member) => {
                        ((self.name_of)(member, name, depth), self.value(member.spec, value, depth + 1, appends))
                    }
                    None => (name.clone(), value.clone()),
                };
                object.iter().map(member).collect::<Map<_, _>>().into()
            }
            (Spec::List(of, _), Value::Array(list)) => {
                list.iter().map(|value| self.value(*of, value, depth, appends)).collect()
            }
            (Spec::List(of, _), Value::Object(_)) if appends => self.value(*of, value, depth, appends),
            (Spec::Map(of), Value::Object(map)) => map
                .iter()
                .map(|(name, value)| (name.clone(), self.value(*of, value, depth, appends)))
                .collect::<Map<_, _>>()
                .into(),
            (_, value) => value.clone(),
        }
    }

    /// A path, and what governs the place to which it leads.
    fn path(&self, root: Spec, path: &Pointer) -> (Pointer, Spec) {
        let (mut spec, mut result) = (root, Pointer::ROOT);
        for token in path.tokens() {
            let name = token.name();
            spec = match spec {
                Spec::Object(shape) => match self.declared(&shape(), &name) {
                    Some(member) => {
                        result.push(&(self.name_of)(member, &name, 0));
                        member.spec
                    }
                    None => {
                        result.push(&name);
                        Spec::Leaf(&[])
                    }
                },
                Spec::List(of, _) | Spec::Map(of) => {
                    result.push(&name);
                    *of
                }
                Spec::Leaf(_) => {
                    result.push(&name);
                    spec
                }
            };
        }
        (result, spec)
    }

    fn operation(&self, root: Spec, operation: &Operation) -> Operation {
        let path_of = |path: &Pointer| self.path(root, path).0;
        let value_at = |path: &Pointer, value: &Value| {
            let (path, spec) = self.path(root, path);
            (path, self.value(spec, value, 0, false))
        };
        match operation {
            Operation::Add { path, value } => {
                let (path, value) = value_at(path, value);
                Operation::Add { path, value }
            }
            Operation::Replace { path, value } => {
                let (path, value) = value_at(path, value);
                Operation::Replace { path, value }
            }
            Operation::Test { path, value } => {
                let (path, value) = value_at(path, value);
                Operation::Test { path, value }
            }
            Operation::Remove { path } => Operation::Remove { path: path_of(path) },
            Operation::Move { from, path } => Operation::Move { from: path_of(from), path: path_of(path) },
            Operation::Copy { from, path } => Operation::Copy { from: path_of(from), path: path_of(path) },
        }
    }
}

/// PUT of what a client sees changes nothing; PUT of anything keeps what only the server writes, and has nothing left to
/// do when it is sent again.
pub fn put_writes_what_is_the_clients<E: Subject>(case: &Case) {
    let spec = Spec::Object(E::shape);
    let shown = visible::<E>(case.stored.as_bytes()).expect("the stored text is an object");
    match http::put::<E>(case.stored.as_bytes(), &shown, &case.dialect) {
        Ok(put) => assert_eq!(
            (put.changed, String::from_utf8_lossy(&put.json)),
            (vec![], case.stored.as_str().into()),
            "put back: {case:?}"
        ),
        Err(error) => assert_eq!(error.code(), "duplicate-name", "put back: {error}: {case:?}"),
    }
    let body = match case.body.starts_with('{') {
        true => case.body.clone(),
        // Any whole entity: what the patch would have made of a tree.
        false => {
            let mut tree = value_of(&shown);
            if let Ok(patch) = Patch::parse(case.body.as_bytes(), &case.dialect) {
                let _ = apply(&mut tree, &patch, &case.dialect);
            }
            tree.to_string()
        }
    };
    let Ok(first) = http::put::<E>(case.stored.as_bytes(), body.as_bytes(), &case.dialect) else { return };
    let (before, after) = (held::<E>(case.stored.as_bytes()), held::<E>(&first.json));
    let result = String::from_utf8_lossy(&first.json);
    assert!(seen::keeps_what_is_protected(spec, Some(&before), &after, false), "put {body}: {result}: {case:?}");
    assert_eq!(first.changed, changed_names::<E>(&before, &after).0, "put {body}: {result}: {case:?}");
    let second = http::put::<E>(&first.json, body.as_bytes(), &case.dialect);
    let second = second.unwrap_or_else(|error| panic!("put again: {error}: {body} on {result}: {case:?}"));
    assert_eq!((second.changed, String::from_utf8_lossy(&second.json)), (vec![], result), "put again {body}: {case:?}");
}

/// The result is the stored text but for the members that changed.
pub fn what_did_not_change_keeps_its_bytes<E: Subject>(case: &Case) {
    let Ok(patched) = patch::<E>(case) else { return };
    let members = E::shape().members;
    // Whatever is removed takes what separates it along.
    let names = patched.changed.iter().flat_map(|name| {
        let member = members.iter().find(|member| member.name == *name);
        [Some(*name), member.and_then(|member| member.alias)].into_iter().flatten()
    });
    let blanks: Map<String, Value> = names.map(|name| (name.to_owned(), Value::Null)).collect();
    let blanks = MergePatch::new(blanks.into());
    let blanked = |text: &[u8]| {
        let blanked = patch_json(text, &serde_json::to_vec(&blanks).expect("JSON"), Format::MergePatch, &Dialect::RFC);
        String::from_utf8(blanked.expect("it is merged")).expect("UTF-8")
    };
    let (before, after) = (blanked(case.stored.as_bytes()), blanked(&patched.json));
    // An entity that is replaced as a whole may have its members in another order.
    if patched.changed.contains(&"*") || case.body.contains("\"path\":\"\"") {
        return;
    }
    // A member that went and came back equal is behind the others: it has the same bytes elsewhere.
    let sorted = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    match ["\"remove\"", "\"move\""].iter().any(|op| case.body.contains(op)) {
        true => assert_eq!(sorted(&before), sorted(&after), "bytes: {case:?}: {before} and {after}"),
        false => assert_eq!(before, after, "bytes: {case:?}"),
    }
}
