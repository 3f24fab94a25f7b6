//! The laws of `properties`, with generated documents and patches. Names come from a tiny alphabet so that they collide
//! (by case, by folding, as indices, as escapes), and most paths lead to something that is there.

mod properties;

use entity_patch::{Dialect, Format, MergePatch, Operation, Patch, Pointer, UnknownMembers, superoffice::Webhook};
use properties::{bytes, document, entity, governed, http, model, number, parse, superoffice, text};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Map, Value, json};

const NAMES: [&str; 19] = [
    "a", "A", "b", "B", "", "~", "/", "k", "K", "\u{212A}", "\u{DF}", "ss", "SS", "0", "1", "01", "-", "a/b~1",
    "\u{17F}s",
];

fn name() -> impl Strategy<Value = String> {
    select(&NAMES[..]).prop_map(str::to_owned)
}

fn number() -> impl Strategy<Value = Value> {
    const TEXTS: &[&str] = &[
        "0",
        "1",
        "1.0",
        "10e-1",
        "-0",
        "-1",
        "2",
        "0.5",
        "5e-1",
        "9007199254740993",
        "9007199254740992",
        "18446744073709551615",
        "-9223372036854775808",
        "1e2",
    ];
    select(TEXTS).prop_map(|text| serde_json::from_str(text).expect("a number"))
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => number(),
        3 => name().prop_map(Value::from),
        1 => "\\PC{0,3}".prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((name(), inner), 0..5).prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// A document is mostly a container.
fn target() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => value(),
        6 => vec((name(), value()), 0..6).prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        2 => vec(value(), 0..5).prop_map(Value::from),
    ]
}

/// Every place of a document.
fn places(value: &Value) -> Vec<Pointer> {
    fn visit(value: &Value, path: &mut Pointer, places: &mut Vec<Pointer>) {
        places.push(path.clone());
        let children: Vec<(String, &Value)> = match value {
            Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
            Value::Array(elements) => {
                elements.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        for (name, child) in children {
            path.push(&name);
            visit(child, path, places);
            path.pop();
        }
    }
    let mut places = Vec::new();
    visit(value, &mut Pointer::default(), &mut places);
    places
}

/// Where an operation goes, before its document is known: one of the places that are there, and perhaps on from it.
#[derive(Clone, Debug)]
struct Aim {
    place: Index,
    further: Option<String>,
    recasing: Option<u64>,
}

fn aim() -> impl Strategy<Value = Aim> {
    let further = prop_oneof![5 => Just(None), 3 => name().prop_map(Some)];
    let recasing = prop_oneof![3 => Just(None), 1 => any::<u64>().prop_map(Some)];
    (any::<Index>(), further, recasing).prop_map(|(place, further, recasing)| Aim { place, further, recasing })
}

impl Aim {
    fn at(&self, document: &Value) -> Pointer {
        let mut path = self.place.get(&places(document)).clone();
        if self.further.as_deref() == Some("ss") {
            // A sibling instead of a child.
            path.pop();
        }
        if let Some(name) = &self.further {
            path.push(name);
        }
        match self.recasing {
            Some(choices) => superoffice::recased(path.as_str(), choices).parse().expect("escapes stay"),
            None => path,
        }
    }
}

type Draft = (u8, Aim, Aim, Value, bool);

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    vec((0..12_u8, aim(), aim(), value(), prop::bool::weighted(0.8)), 0..7)
}

/// The drafts as a patch. Each operation is aimed at the document that those before it left, so that most succeed.
fn patch_of(target: &Value, drafts: Vec<Draft>, dialect: &Dialect) -> Patch {
    let mut document = target.clone();
    let mut operations = Vec::new();
    for (kind, path, from, value, passes) in drafts {
        let (path, from) = (path.at(&document), from.at(&document));
        let found = document.pointer(path.as_str()).cloned();
        let operation = match kind {
            0..=2 => Operation::Add { path, value },
            3..=4 => Operation::Remove { path },
            5..=6 => Operation::Replace { path, value },
            7..=8 if dialect.move_and_copy => Operation::Move { from, path },
            9 if dialect.move_and_copy => Operation::Copy { from, path },
            _ => Operation::Test { path, value: found.filter(|_| passes).unwrap_or(value) },
        };
        operations.push(operation);
        if let Ok(next) = model::apply(&document, &Patch::new(operations[operations.len() - 1..].to_vec()), dialect) {
            document = next;
        } else if passes {
            // A patch that fails early says little about what comes after: mostly, only the last operation may fail.
            operations.pop();
        }
    }
    Patch::new(operations)
}

/// Both dialects, and any other: the switches do not depend on each other.
fn dialect() -> impl Strategy<Value = Dialect> {
    let any = any::<[bool; 7]>().prop_map(|switches| {
        let mut dialect = Dialect::RFC;
        [
            dialect.ignore_case,
            dialect.optional_slash,
            dialect.move_and_copy,
            dialect.merge_objects_only,
            dialect.merge_appends,
            dialect.create_parents,
            dialect.ignore_missing,
        ] = switches;
        dialect
    });
    prop_oneof![1 => Just(Dialect::RFC), 1 => Just(Dialect::SUPEROFFICE), 2 => any]
}

/// A patch of an object with so many members that their names are indexed: names come and go, and are sought again.
fn wide_request() -> impl Strategy<Value = (Value, Patch, Dialect)> {
    let name = || {
        let numbered = (0..75_usize, any::<bool>())
            .prop_map(|(number, is_upper)| format!("{}{number}", if is_upper { 'N' } else { 'n' }));
        prop_oneof![2 => numbered, 1 => name()]
    };
    let drafts = vec((0..10_u8, name(), name(), scalar()), 1..30);
    (60..71_usize, vec((name(), scalar()), 0..6), drafts, dialect()).prop_map(|(count, others, drafts, dialect)| {
        let numbered = (0..count).map(|number| (format!("n{number}"), json!(number)));
        let target: Value = numbered.chain(others).collect::<Map<_, _>>().into();
        let mut document = target.clone();
        let mut operations = Vec::new();
        for (kind, path, from, value) in drafts {
            let [path, from] = [path, from].map(|name| {
                let mut pointer = Pointer::ROOT;
                pointer.push(&name);
                pointer
            });
            let operation = match kind {
                0..=3 => Operation::Add { path, value },
                4..=6 => Operation::Remove { path },
                7..=8 if dialect.move_and_copy => Operation::Move { from, path },
                _ => Operation::Test { value: document.pointer(path.as_str()).cloned().unwrap_or(value), path },
            };
            // What fails would end the patch.
            if let Ok(next) = model::apply(&document, &Patch::new(vec![operation.clone()]), &dialect) {
                document = next;
                operations.push(operation);
            }
        }
        (target, Patch::new(operations), dialect)
    })
}

fn request() -> impl Strategy<Value = (Value, Patch, Dialect)> {
    (target(), drafts(), dialect()).prop_map(|(target, drafts, dialect)| {
        let patch = patch_of(&target, drafts, &dialect);
        (target, patch, dialect)
    })
}

/// A merge patch of this document: some of its members as they are, others, nulls.
fn merge_of(target: &Value, choices: &[(u8, Value)]) -> Value {
    let (Value::Object(members), Some(((_, other), rest))) = (target, choices.split_first()) else {
        return choices.first().map_or_else(|| json!({}), |(_, value)| value.clone());
    };
    let mut patch = match other {
        Value::Object(members) => members.clone(),
        _ => Map::new(),
    };
    for ((name, value), (choice, other)) in members.iter().zip(rest) {
        match choice % 5 {
            0 => patch.insert(name.clone(), Value::Null),
            1 => patch.insert(name.clone(), other.clone()),
            2 => patch.insert(name.clone(), value.clone()),
            3 => patch.insert(name.clone(), merge_of(value, rest)),
            _ => None,
        };
    }
    patch.into()
}

fn merge_request() -> impl Strategy<Value = (Value, Value)> {
    (target(), vec((any::<u8>(), value()), 1..7)).prop_map(|(target, choices)| {
        let patch = merge_of(&target, &choices);
        (target, patch)
    })
}

fn nullable<T: Into<Value>>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 4 => strategy.prop_map(T::into)]
}

fn members_of(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec((name(), values), 0..4).prop_map(|members| members.into_iter().collect::<Map<_, _>>().into())
}

fn associate() -> impl Strategy<Value = Value> {
    let names = ["AssociateId", "Name", "Deleted", "Newer"];
    let value = |name: &str| match name {
        "AssociateId" => json!(7),
        "Name" => json!("n"),
        "Deleted" => json!(false),
        _ => json!({"x": [1.0]}),
    };
    prop::sample::subsequence(names.to_vec(), 0..=4).prop_map(move |names| {
        names.into_iter().map(|name| (name.to_owned(), value(name))).collect::<Map<_, _>>().into()
    })
}

fn webhook() -> impl Strategy<Value = Webhook> {
    let strings = || nullable(name());
    let date = || nullable(select(&["2021-01-15T18:25:51.5682947+01:00", "2000-08-01T16:48:31"][..]));
    let own = (
        strings(),
        nullable(vec(name(), 0..4)),
        strings(),
        strings(),
        select(&["Active", "stopped", "TOOMANYERRORS"][..]),
        nullable(members_of(name().prop_map(Value::from))),
        nullable(members_of(value())),
        strings(),
    );
    let others = (date(), nullable(associate()), date(), nullable(associate()), members_of(value()));
    (own, others).prop_map(
        |((name, events, url, secret, state, headers, properties, email), (registered, by, updated, last, newer))| {
            let webhook = json!({
                "WebhookId": 7, "Name": name, "Events": events, "TargetUrl": url, "Secret": secret, "State": state,
                "Type": "webhook", "Headers": headers, "Properties": properties, "Registered": registered,
                "RegisteredAssociate": by, "Updated": updated, "UpdatedAssociate": last, "ErrorsEmail": email,
            });
            let (Value::Object(mut members), Value::Object(newer)) = (webhook, newer) else { unreachable!() };
            members.extend(newer);
            serde_json::from_value(members.into()).expect("a webhook")
        },
    )
}

/// A webhook, a body of either format that mostly fits, and the rules.
fn webhook_request() -> impl Strategy<Value = (Webhook, String, Dialect)> {
    let unknown = select(&[UnknownMembers::Reject, UnknownMembers::Ignore][..]);
    let other = prop_oneof![
        2 => name().prop_map(Value::from),
        1 => value(),
        1 => select(&["Active", "stopped"][..]).prop_map(Value::from),
    ];
    let edits = vec((any::<u8>(), aim(), aim(), other, prop::bool::weighted(0.7)), 0..6);
    (webhook(), edits, dialect(), unknown).prop_map(|(webhook, edits, mut dialect, unknown_members)| {
        dialect.unknown_members = unknown_members;
        let tree = serde_json::to_value(&webhook).expect("JSON");
        let body = match edits.first() {
            Some((kind, ..)) if kind % 4 == 0 => {
                let choices: Vec<(u8, Value)> =
                    edits.into_iter().map(|(kind, _, _, value, _)| (kind / 4, value)).collect();
                merge_of(&tree, &choices).to_string()
            }
            _ => {
                let drafts =
                    edits.into_iter().map(|(kind, path, from, value, passes)| (kind % 12, path, from, value, passes));
                patch_of(&tree, drafts.collect(), &dialect).to_string()
            }
        };
        (webhook, body, dialect)
    })
}

/// A whole entity as a client sends it: another one, perhaps with members that it does not have.
fn put_body() -> impl Strategy<Value = String> {
    (webhook(), members_of(value()), any::<bool>()).prop_map(|(webhook, others, recased)| {
        let mut body = serde_json::to_value(&webhook).expect("JSON");
        if let (Value::Object(body), Value::Object(others)) = (&mut body, others) {
            body.extend(others);
        }
        let text = body.to_string();
        if recased { text.replace("\"Name\":", "\"NAME\":").replace("\"State\":", "\"state\":") } else { text }
    })
}

fn selection() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        2 => select(&["Name", "Headers", "Properties", "name", "headers/a", "properties/A/0", "RegisteredAssociate/name"][..])
            .prop_map(str::to_owned),
        1 => name(),
        1 => "\\PC{0,3}",
    ];
    vec(name, 0..5).prop_map(|names| names.join(","))
}

proptest! {
    // A failure is written down as a row of `tests/data`, not as a seed.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_or_nothing((target, patch, dialect) in request()) {
        document::atomicity(&target, &patch, &dialect);
    }

    #[test]
    fn the_rules_are_the_model((target, patch, dialect) in request()) {
        document::agrees_with_the_model(&target, &patch, &dialect);
    }

    #[test]
    fn json_patch_agrees(target in target(), drafts in drafts()) {
        document::agrees_with_json_patch_where_it_is_right(&target, &patch_of(&target, drafts, &Dialect::RFC));
    }

    #[test]
    fn results_are_read_back((target, patch, dialect) in request()) {
        document::result_reparses(&target, &patch, &dialect);
    }

    #[test]
    fn patches_are_what_they_write((_, patch, _) in request()) {
        document::patch_serialises_and_parses_back(&patch);
    }

    #[test]
    fn a_merge_patch_is_the_pseudocode((target, patch) in merge_request()) {
        document::merge_is_the_pseudocode(&target, &patch, &Dialect::RFC);
    }

    #[test]
    fn two_merge_patches_are_composed((target, first) in merge_request(), choices in vec((any::<u8>(), value()), 0..6)) {
        for next in [merge_of(&target, &choices), merge_of(&first, &choices)] {
            document::two_merge_patches_are_composed(&target, &first, &next);
        }
    }

    #[test]
    fn a_merge_patch_is_the_pseudocode_in_any_dialect((target, patch) in merge_request(), dialect in dialect()) {
        if !dialect.ignore_case || !model::has_folded_duplicate(&patch) {
            document::merge_is_the_pseudocode(&target, &patch, &dialect);
        }
    }

    #[test]
    fn a_merge_patch_of_a_wide_object_is_the_pseudocode(
        (target, patch) in merge_request(),
        names in vec((0..80_usize, any::<bool>()), 0..8),
    ) {
        let (Value::Object(mut target), Value::Object(mut patch)) = (target, patch) else { return Ok(()) };
        // So many members that their names are indexed.
        target.extend((0..70).map(|number| (format!("n{number}"), json!(number))));
        patch.extend(names.into_iter().map(|(number, is_upper)| {
            (format!("{}{number}", if is_upper { 'N' } else { 'n' }), json!((number % 3 > 0).then_some(number % 7)))
        }));
        // One is inside another, whose names are looked up before and after that.
        let around = |members: &Map<String, Value>| -> Map<String, Value> {
            let others = members.iter().map(|(name, value)| (name.replace('n', "o").replace('N', "O"), value.clone()));
            others.chain([("L".to_owned(), json!(members))]).collect()
        };
        let (target, patch) = (around(&target).into(), around(&patch).into());
        if !model::has_folded_duplicate(&patch) {
            document::merge_is_the_pseudocode(&target, &patch, &Dialect::SUPEROFFICE);
            text::text_agrees_with_tree(&target.to_string(), &patch.to_string(), Format::MergePatch, &Dialect::SUPEROFFICE);
        }
    }

    #[test]
    fn the_case_of_a_path_changes_nothing(target in target(), drafts in drafts(), choices: u64) {
        let patch = patch_of(&target, drafts, &Dialect::SUPEROFFICE);
        superoffice::recasing_changes_nothing(&target, &patch, choices);
    }

    #[test]
    fn the_slash_of_a_path_changes_nothing((_, patch, _) in request()) {
        superoffice::dropping_the_slash_changes_nothing(&patch);
    }

    #[test]
    fn text_is_patched_as_its_tree((target, patch, dialect) in request(), choices: u64) {
        let (target, body) = (text::respelt(&target, choices), text::respelt(&json!(patch), !choices));
        text::text_agrees_with_tree(&target, &body, Format::JsonPatch, &dialect);
        text::text_agrees_with_tree(&target, &body, Format::ByShape, &dialect);
    }

    #[test]
    fn a_wide_object_is_patched_as_its_model((target, patch, dialect) in wide_request(), choices: u64) {
        document::agrees_with_the_model(&target, &patch, &dialect);
        let (target, body) = (text::respelt(&target, choices), text::respelt(&json!(patch), !choices));
        text::text_agrees_with_tree(&target, &body, Format::JsonPatch, &dialect);
    }

    #[test]
    fn what_stands_around_stays((target, patch, dialect) in request(), choices: u64) {
        text::what_stands_around_keeps_its_bytes(&text::respelt(&target, choices), &patch, &dialect);
    }

    #[test]
    fn text_is_merged_as_its_tree((target, patch) in merge_request(), dialect in dialect(), choices: u64) {
        let (target, body) = (text::respelt(&target, choices), text::respelt(&patch, !choices));
        text::text_agrees_with_tree(&target, &body, Format::MergePatch, &dialect);
        text::text_agrees_with_tree(&target, &body, Format::ByShape, &dialect);
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..40)) {
        bytes::any_bytes_give_ok_or_a_client_error(&bytes);
    }

    #[test]
    fn any_mutated_body(
        (target, patch, _) in request(),
        edits in vec((any::<Index>(), select(&b"{}[]\",:\\/~-01e.nu "[..]), 0..3_u8), 0..3),
    ) {
        for text in [patch.to_string(), target.to_string()] {
            let mut bytes = text.into_bytes();
            for (place, byte, kind) in &edits {
                let at = place.index(bytes.len() + 1);
                match kind {
                    0 => bytes.insert(at, *byte),
                    1 => bytes.truncate(at),
                    _ => if let Some(place) = bytes.get_mut(at) { *place = *byte },
                }
            }
            bytes::any_bytes_give_ok_or_a_client_error(&bytes);
            parse::a_body_is_what_serde_json_reads(&bytes);
        }
    }

    #[test]
    fn doubles_stay(bits: u64, degrees in -200.0..200.0_f64) {
        for double in [f64::from_bits(bits), degrees].into_iter().filter(|double| double.is_finite()) {
            number::a_double_stays_what_it_is(double);
        }
    }

    #[test]
    fn read_only_stays((webhook, body, dialect) in webhook_request()) {
        entity::read_only_members_never_change(&webhook, &body, Format::ByShape, &dialect);
    }

    #[test]
    fn changed_tells_what_changed((webhook, body, dialect) in webhook_request()) {
        entity::changed_is_what_differs(&webhook, &body, Format::ByShape, &dialect);
    }

    #[test]
    fn entities_are_read_back((webhook, body, dialect) in webhook_request()) {
        entity::a_patched_entity_is_read_back(&webhook, &body, Format::ByShape, &dialect);
    }

    #[test]
    fn the_inverse_undoes_a_patch_on_an_entity((webhook, body, dialect) in webhook_request()) {
        entity::the_inverse_undoes_a_patch(&webhook, &body, Format::ByShape, &dialect);
    }

    #[test]
    fn the_stored_entity_is_patched_as_the_typed((webhook, body, dialect) in webhook_request(), choices: u64) {
        entity::stored_agrees_with_typed(&webhook, &body, Format::ByShape, &dialect);
        let text = text::respelt(&json!(webhook), choices);
        entity::any_stored_text_agrees_with_typed(&text, &body, Format::ByShape, &dialect);
        entity::what_did_not_change_keeps_its_bytes(&text, &body, Format::ByShape, &dialect);
    }

    #[test]
    fn put_is_idempotent(webhook in webhook(), body in put_body(), mut dialect in dialect(), ignores: bool) {
        dialect.unknown_members = if ignores { UnknownMembers::Ignore } else { UnknownMembers::Reject };
        http::put_is_idempotent_and_keeps_what_is_not_the_clients(&webhook, &body, &dialect);
    }

    #[test]
    fn what_is_shown_may_be_put_back(webhook in webhook(), dialect in dialect()) {
        http::what_is_shown_may_be_put_back(&webhook, &dialect);
    }

    #[test]
    fn a_selection_shows_or_hides(webhook in webhook(), list in selection()) {
        http::a_selection_shows_or_hides(&webhook, &list);
    }

    #[test]
    fn any_header(
        bytes in vec(prop_oneof![any::<u8>(), select(&b"W/\"7, *"[..])], 0..12),
        seconds in -70_000_000_000..300_000_000_000_i64,
    ) {
        http::any_header_is_judged(&bytes);
        http::a_content_type_is_read_in_any_case(&String::from_utf8_lossy(&bytes));
        http::a_date_is_read_back(seconds);
    }

    #[test]
    fn any_preference(
        parts in vec(select(&["return", "handling", "=", "minimal", "lenient", "strict", "representation", ",", ";", " ",
            "\"", "\\", "a", "text/json", "*/*", "q", "0.5"][..]), 0..12),
    ) {
        http::any_preference_is_read(&parts.concat());
    }

    #[test]
    fn problems_come_back(status: u16, code in ".{0,8}", detail in ".{0,8}", name in select(&["own", "status", ""][..])) {
        http::a_problem_is_read_back(status, &code, &detail, name);
    }

    #[test]
    fn entities_come_back(webhook in webhook(), dialect in dialect()) {
        entity::an_entity_may_be_sent_back(&webhook, &dialect);
    }

    #[test]
    fn entities_keep_the_laws(choices in vec(any::<u8>(), 0..300)) {
        governed::check(&choices);
    }
}

/// The generators are worth little if most of what they make fails at once.
#[test]
fn most_generated_requests_succeed() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let (mut applied, mut patched) = (0, 0);
    for _ in 0..200 {
        let (target, patch, dialect) = request().new_tree(&mut runner).expect("generated").current();
        applied += usize::from(model::apply(&target, &patch, &dialect).is_ok());
        let (webhook, body, dialect) = webhook_request().new_tree(&mut runner).expect("generated").current();
        let document = entity_patch::PatchDocument::parse(body.as_bytes(), Format::ByShape, &dialect);
        patched +=
            usize::from(document.is_ok_and(|document| entity_patch::patch(&webhook, &document, &dialect).is_ok()));
    }
    assert!((60..190).contains(&applied), "{applied} of 200 are applied");
    assert!((40..190).contains(&patched), "{patched} of 200 are patched");
}

/// A merge finds a name in one way among few members, in another among many, and in a third among very many.
#[test]
fn a_merge_patch_is_the_pseudocode_at_every_width() {
    for width in [0, 1, 2, 15, 16, 17, 63, 64, 65, 70] {
        let target: Map<String, Value> = (0..width)
            .map(|index| {
                let value = match index % 5 {
                    0 => json!({"a": index, "b": {"c": null}}),
                    1 => json!([index]),
                    2 => json!("a longer text"),
                    3 => json!(null),
                    _ => json!(index),
                };
                (format!("Member{index}"), value)
            })
            .collect();
        let target = Value::Object(target);
        for value in [json!(null), json!("b"), json!(4), json!({"A": 1, "b": {"C": 2}, "d": null}), json!([[]])] {
            for spelling in ["Member", "member", "other"] {
                for indices in [[0, 7, 15], [16, 64, 65], [69, 14, 3], [5, 6, 1]] {
                    let names = indices.map(|index| format!("{spelling}{index}"));
                    let patch: Map<String, Value> = names.into_iter().map(|name| (name, value.clone())).collect();
                    for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
                        document::merge_is_the_pseudocode(&target, &json!(patch), &dialect);
                        document::merge_is_the_pseudocode(&json!({"in": target}), &json!({"in": patch}), &dialect);
                    }
                }
            }
        }
    }
}

/// Where two merge patches have no composition, no other merge patch does what they do: all of a small world are tried.
#[test]
fn there_is_a_composition_or_none() {
    let leaves = [json!(null), json!(1), json!({})];
    let inner: Vec<Value> = leaves.iter().cloned().chain(leaves.iter().map(|leaf| json!({"a": leaf}))).collect();
    let patches: Vec<Value> = inner.iter().cloned().chain(inner.iter().map(|inner| json!({"a": inner}))).collect();
    let targets = [
        json!(null),
        json!(1),
        json!({}),
        json!({"b": 1}),
        json!({"a": 1}),
        json!({"a": 1, "b": 1}),
        json!({"a": {}}),
        json!({"a": {"a": 1}}),
        json!({"a": {"b": 1}}),
        json!({"a": {"a": {"a": 1, "b": 1}}}),
    ];
    let merged = |target: &Value, patch: &Value| model::merge(target.clone(), patch, &Dialect::RFC).expect("it merges");
    let mut without = 0;
    for (first, next) in patches.iter().flat_map(|first| patches.iter().map(move |next| (first, next))) {
        let does =
            |both: &Value| targets.iter().all(|target| merged(target, both) == merged(&merged(target, first), next));
        match MergePatch::new(first.clone()).then(&MergePatch::new(next.clone())) {
            Some(both) => assert!(does(both.as_value()), "{first} and {next} are not {both}"),
            None => {
                without += 1;
                assert!(!patches.iter().any(does), "{first} and {next} have a composition");
            }
        }
    }
    assert!(without > 0);
}
