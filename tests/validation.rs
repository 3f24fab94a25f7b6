//! What `garde` and `validator` report, as violations: each at its path in the JSON that a client sees.

use std::collections::{BTreeMap, HashMap};

use entity_patch::{
    Dialect, Entity, Error, Format, Pointer, Policy, Violations, Visible, http::ProblemDetails, patch_stored_with,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use validator::{Validate as _, ValidationError};

const GOOD: &str = "good";
const BAD: &str = "bad-918273645";

fn for_garde(text: &str, (): &()) -> garde::Result {
    if text == BAD { Err(garde::Error::new("not good")) } else { Ok(()) }
}

fn for_validator(text: &str) -> Result<(), ValidationError> {
    if text == BAD { Err(ValidationError::new("good")) } else { Ok(()) }
}

/// Names differ in JSON, and two are swapped.
#[derive(Clone, Debug, Serialize, Deserialize, Entity, garde::Validate, validator::Validate)]
#[serde(rename_all = "camelCase")]
struct Firm {
    #[garde(custom(for_garde))]
    #[validate(custom(function = "for_validator"))]
    full_name: String,
    #[serde(rename = "right")]
    #[garde(custom(for_garde))]
    #[validate(custom(function = "for_validator"))]
    left: String,
    #[serde(rename = "left")]
    #[garde(custom(for_garde))]
    #[validate(custom(function = "for_validator"))]
    right: String,
    #[entity(nested)]
    #[garde(dive)]
    #[validate(nested)]
    head_office: Office,
    #[entity(nested)]
    #[garde(dive)]
    #[validate(nested)]
    all_offices: Vec<Office>,
    #[entity(nested)]
    #[garde(dive)]
    #[validate(nested)]
    spare_office: Option<Office>,
    #[entity(nested)]
    #[garde(dive)]
    #[validate(nested)]
    by_name: BTreeMap<String, Office>,
    #[entity(nested)]
    #[garde(dive)]
    #[validate(nested)]
    by_town: HashMap<String, Vec<Office>>,
    #[entity(nested)]
    #[garde(dive)]
    #[validate(nested)]
    floor_plan: Vec<Vec<Office>>,
    #[entity(hidden)]
    #[garde(custom(for_garde))]
    #[validate(custom(function = "for_validator"))]
    api_key: String,
    #[serde(skip)]
    #[garde(custom(for_garde))]
    #[validate(custom(function = "for_validator"))]
    cached_key: String,
    #[serde(flatten)]
    #[garde(dive)]
    #[validate(nested)]
    others: BTreeMap<String, Note>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Entity, garde::Validate, validator::Validate)]
#[serde(rename_all = "PascalCase")]
struct Office {
    #[garde(custom(for_garde))]
    #[validate(custom(function = "for_validator"))]
    town_name: String,
    #[entity(hidden)]
    #[garde(custom(for_garde))]
    #[validate(custom(function = "for_validator"))]
    door_code: String,
    #[garde(dive)]
    #[validate(nested)]
    plain_note: Note,
    #[garde(dive)]
    #[validate(nested)]
    desk_notes: BTreeMap<String, Note>,
}

/// No table says what its members are called.
#[derive(Clone, Debug, Serialize, Deserialize, garde::Validate, validator::Validate)]
struct Note {
    #[garde(custom(for_garde))]
    #[validate(custom(function = "for_validator"))]
    text: String,
}

/// Draws an entity from numbers.
struct Draw<'d>(&'d [u8]);

impl Draw<'_> {
    fn next(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    fn text(&mut self) -> String {
        if self.next() % 4 == 3 { BAD.to_owned() } else { GOOD.to_owned() }
    }

    fn office(&mut self) -> Office {
        Office {
            town_name: self.text(),
            door_code: self.text(),
            plain_note: self.note(),
            desk_notes: self.map(Draw::note),
        }
    }

    fn note(&mut self) -> Note {
        Note { text: self.text() }
    }

    fn list<T>(&mut self, mut element: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.next() % 4).map(|_| element(self)).collect()
    }

    fn map<T, M: FromIterator<(String, T)>>(&mut self, value: impl FnMut(&mut Self) -> T) -> M {
        let names = ["b.c", "a", "x/y~[0]", "0"].map(str::to_owned);
        names.into_iter().zip(self.list(value)).collect()
    }

    fn firm(&mut self) -> Firm {
        Firm {
            full_name: self.text(),
            left: self.text(),
            right: self.text(),
            head_office: self.office(),
            all_offices: self.list(Draw::office),
            spare_office: self.list(Draw::office).pop(),
            by_name: self.map(Draw::office),
            by_town: self.map(|draw| draw.list(Draw::office)),
            floor_plan: self.list(|draw| draw.list(Draw::office)),
            api_key: self.text(),
            cached_key: self.text(),
            others: self.map(Draw::note),
        }
    }
}

/// Where a value has the bad text. A hidden member is told by its container.
fn bad_places(value: &Value, path: &mut Pointer, found: &mut Vec<(String, bool)>) {
    match value {
        Value::String(text) if text == BAD => {
            let is_hidden = path.as_str().ends_with("/apiKey") || path.as_str().ends_with("/DoorCode");
            let place = if is_hidden { path.parent().expect("a member") } else { path.clone() };
            found.push((place.to_string(), !is_hidden));
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                path.push_index(index);
                bad_places(value, path, found);
                path.pop();
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                path.push(name);
                bad_places(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn told(violations: &Violations) -> Vec<(String, String, String)> {
    let told = violations.iter();
    told.map(|one| (one.path().to_string(), one.code().to_owned(), one.detail().to_owned())).collect()
}

/// Each report is at the place where the JSON has the bad value, whatever way leads there; what a client does not see is
/// reported without its name; and no text of a report shows a value.
fn reports_lead_to_what_is_wrong(firm: &Firm) {
    let json = serde_json::to_value(firm).expect("JSON");
    let mut expected = Vec::new();
    bad_places(&json, &mut Pointer::ROOT.clone(), &mut expected);
    if firm.cached_key == BAD {
        expected.push((String::new(), false));
    }
    expected.sort_unstable();
    let garde = garde::Validate::validate(firm)
        .map_or_else(|report| Violations::from_garde::<Firm>(&report), |()| Violations::default());
    let errors = validator::Validate::validate(firm);
    let validator = errors.map_or_else(|errors| Violations::from_validator(firm, &errors), |()| Violations::default());
    let unseen = "a member that is not shown is not valid";
    for (violations, code, detail) in
        [(&garde, "invalid", "not good"), (&validator, "good", "the rule `good` does not hold")]
    {
        let mut found = Vec::new();
        for (path, told_code, told_detail) in told(violations) {
            let is_shown = told_detail != unseen;
            let expected = if is_shown { (code, detail) } else { ("invalid", unseen) };
            assert_eq!((told_code.as_str(), told_detail.as_str()), expected, "{path}");
            found.push((path, is_shown));
        }
        found.sort_unstable();
        assert_eq!(found, expected, "{code}: {json}");
        assert!(!format!("{violations:?} {violations}").contains(BAD));
    }
    let shown = serde_json::to_value(Visible(firm)).expect("JSON");
    for (path, _, detail) in told(&garde) {
        let path = Pointer::parse(&path).expect("a pointer");
        let value = path.resolve(&shown).unwrap_or_else(|| panic!("`{path}` leads nowhere in {shown}"));
        assert_eq!(value == BAD, detail == "not good", "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn paths_are_those_of_the_json(choices in prop::collection::vec(any::<u8>(), 0..120)) {
        reports_lead_to_what_is_wrong(&Draw(&choices).firm());
    }
}

/// A flattened map can have a name that a hidden member has in another case, which no client sees.
#[test]
fn a_name_that_is_hidden_in_another_case_is_not_told() {
    let mut firm = Draw(&[]).firm();
    firm.others = ["APIKEY", "FULLNAME"].map(|name| (name.to_owned(), Note { text: BAD.to_owned() })).into();
    let garde = garde::Validate::validate(&firm).expect_err("two notes are bad");
    let validator = validator::Validate::validate(&firm).expect_err("two notes are bad");
    for violations in [Violations::from_garde::<Firm>(&garde), Violations::from_validator(&firm, &validator)] {
        let mut paths: Vec<String> = told(&violations).into_iter().map(|(path, ..)| path).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["", "/FULLNAME/text"], "{violations:?}");
    }
}

/// Rules with bounds, messages and values in their parameters.
#[derive(Clone, Debug, Serialize, Deserialize, Entity, garde::Validate, validator::Validate)]
#[validate(schema(function = "is_consistent", skip_on_field_errors = false))]
struct Account {
    #[garde(length(min = 3, max = 8))]
    #[validate(length(min = 3, max = 8))]
    name: String,
    #[garde(range(max = 10.0))]
    #[validate(range(exclusive_min = 0.0, max = 10.0, message = "a level is at most 10"))]
    level: f64,
    #[garde(contains("@"))]
    #[validate(contains(pattern = "@"))]
    email: String,
    #[serde(rename = "again")]
    #[garde(matches(email))]
    #[validate(must_match(other = "email"))]
    email_again: String,
    #[garde(inner(length(min = 2)))]
    #[validate(length(equal = 2))]
    tags: Vec<String>,
    #[garde(inner(inner(ascii)))]
    #[validate(skip)]
    nick: Option<Vec<String>>,
}

fn is_consistent(account: &Account) -> Result<(), ValidationError> {
    if account.name == account.email { Err(ValidationError::new("same")) } else { Ok(()) }
}

/// What the crates say, as problem details say it, where a patch makes an account wrong.
fn problem(policy: &dyn Policy<Account>) -> Vec<(String, String, String)> {
    let stored = json!({
        "name": "marker", "level": 1.0, "email": "marker", "again": "marker", "tags": ["ab", "cd"], "nick": ["x"],
    });
    let body = json!({
        "name": "marker\u{e9}marker", "level": 11.0, "email": "marker\u{e9}marker", "again": "marker",
        "tags": ["x", "yy", "z"], "nick": ["a", "\u{e9}"],
    });
    let (stored, body) = (stored.to_string(), body.to_string());
    let result = patch_stored_with(stored.as_bytes(), body.as_bytes(), Format::MergePatch, &Dialect::RFC, policy);
    let error = result.expect_err("it is not valid");
    assert_eq!((error.status(), error.code()), (422, "invalid-entity"));
    let Error::Invalid(violations) = &error else { panic!("{error}") };
    let problem = ProblemDetails::from(&error);
    assert_eq!(problem.errors(), violations);
    let json = serde_json::to_string(&problem).expect("JSON");
    assert!(!json.contains("marker"), "{json}");
    told(violations)
}

fn rows(expected: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    let owned = |&(path, code, detail): &(&str, &str, &str)| (path.to_owned(), code.to_owned(), detail.to_owned());
    expected.iter().map(owned).collect()
}

#[test]
fn validator_speaks_in_a_policy() {
    struct Caller;

    impl Policy<Account> for Caller {
        fn validate(&self, _stored: &Account, patched: &Account) -> Result<(), Violations> {
            let result = validator::Validate::validate(patched);
            result.map_err(|errors| Violations::from_validator(patched, &errors))
        }
    }

    let expected = [
        ("/name", "length", "the rule `length` does not hold (min 3, max 8)"),
        ("/level", "range", "a level is at most 10"),
        ("/email", "contains", "the rule `contains` does not hold"),
        ("/again", "must_match", "the rule `must_match` does not hold"),
        ("/tags", "length", "the rule `length` does not hold (equal 2)"),
        ("", "same", "the rule `same` does not hold"),
    ];
    assert_eq!(problem(&Caller), rows(&expected));
}

#[test]
fn garde_speaks_in_a_policy() {
    struct Caller;

    impl Policy<Account> for Caller {
        fn validate(&self, _stored: &Account, patched: &Account) -> Result<(), Violations> {
            garde::Validate::validate(patched).map_err(|report| Violations::from_garde::<Account>(&report))
        }
    }

    let expected = [
        ("/email", "invalid", "does not contain \"@\""),
        ("/again", "invalid", "does not match email field"),
        ("/level", "invalid", "greater than 10"),
        ("/name", "invalid", "length is greater than 8"),
        ("/nick/1", "invalid", "not ascii"),
        ("/tags/0", "invalid", "length is lower than 2"),
        ("/tags/2", "invalid", "length is lower than 2"),
    ];
    assert_eq!(problem(&Caller), rows(&expected));
}
