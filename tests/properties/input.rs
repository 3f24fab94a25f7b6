//! A request as a file that is read and written by hand: a line of options, the target, the body, with an empty line
//! before each of the last two. The fuzz targets read it, and `seeds.rs` replays what they found.
//!
//! ```text
//! superoffice moves
//!
//! {"Name": "stored"}
//!
//! [{"op": "remove", "path": "name"}]
//! ```

use entity_patch::{Dialect, Format, MergePatch, Patch, PatchDocument, Pointer, UnknownMembers, superoffice::Webhook};
use serde_json::Value;

#[cfg(feature = "schemars")]
use super::schema;
use super::{bytes, cost as costs, diff, document, entity, governed, http, model, number, parse, superoffice, text};

/// A fuzz target: its name, and what it does with an input.
type Target = (&'static str, fn(&[u8]));

/// Every fuzz target but those of `ELSEWHERE`.
pub const TARGETS: [Target; 8] = [
    ("parse", parse),
    ("apply", apply),
    ("merge", merge),
    ("text", text),
    ("entity", entity),
    ("http", http),
    ("diff", diff),
    ("cost", cost),
];

/// The targets whose seeds other tests replay: `tests/schema.rs` those of `schema`, `cli/src/tests.rs` those of `tool`.
pub const ELSEWHERE: [&str; 2] = ["schema", "tool"];

struct Request<'i> {
    /// The first line.
    options: &'i str,
    dialect: Dialect,
    format: Format,
    /// A number among the options, for laws that hold for every choice of something.
    choices: u64,
    /// Words that start with a slash, for what a diff skips.
    skip: Vec<Pointer>,
    target: &'i str,
    body: &'i str,
}

impl<'i> Request<'i> {
    /// A word that is not an option means nothing, and a part that is not there is empty.
    fn read(bytes: &'i [u8]) -> Option<Request<'i>> {
        let mut parts = std::str::from_utf8(bytes).ok()?.splitn(3, "\n\n");
        let options = parts.next()?;
        let (target, body) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (dialect, format, choices) = (Dialect::RFC, Format::ByShape, 0);
        let mut request = Request { options, dialect, format, choices, skip: vec![], target, body };
        for option in options.split_ascii_whitespace() {
            match option {
                "rfc" => request.dialect = Dialect::RFC,
                "superoffice" => request.dialect = Dialect::SUPEROFFICE,
                "moves" => request.dialect.move_and_copy = true,
                "exact" => request.dialect.ignore_case = false,
                "folded" => request.dialect.ignore_case = true,
                "slashless" => request.dialect.optional_slash = true,
                "objects" => request.dialect.merge_objects_only = true,
                "appends" => request.dialect.merge_appends = true,
                "creates" => request.dialect.create_parents = true,
                "lenient" => request.dialect.ignore_missing = true,
                "ignore" => request.dialect.unknown_members = UnknownMembers::Ignore,
                "json-patch" => request.format = Format::JsonPatch,
                "merge-patch" => request.format = Format::MergePatch,
                pointer if pointer.starts_with('/') => request.skip.extend(Pointer::parse(pointer)),
                number => request.choices = number.parse().unwrap_or(request.choices),
            }
        }
        Some(request)
    }

    fn tree(&self) -> Option<Value> {
        serde_json::from_str(self.target).ok()
    }
}

/// The whole input is a body, or a stored text.
pub fn parse(bytes: &[u8]) {
    bytes::any_bytes_give_ok_or_a_client_error(bytes);
    if let Some(double) = bytes.first_chunk().map(|bytes| f64::from_le_bytes(*bytes)).filter(|it| it.is_finite()) {
        number::a_double_stays_what_it_is(double);
    }
    parse::a_body_is_what_serde_json_reads(bytes);
    for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
        if let Ok(patch) = Patch::parse(bytes, &dialect) {
            document::patch_serialises_and_parses_back(&patch);
            superoffice::dropping_the_slash_changes_nothing(&patch);
        }
        if let Ok(body) = std::str::from_utf8(bytes) {
            text::text_agrees_with_tree("{}", body, Format::JsonPatch, &dialect);
            text::text_agrees_with_tree("{}", body, Format::MergePatch, &dialect);
        }
    }
}

/// A JSON Patch on a tree.
pub fn apply(bytes: &[u8]) {
    let Some(request) = Request::read(bytes) else { return };
    let (Some(target), dialect) = (request.tree(), &request.dialect) else { return };
    let Ok(patch) = Patch::parse(request.body.as_bytes(), dialect) else { return };
    document::atomicity(&target, &patch, dialect);
    document::agrees_with_the_model(&target, &patch, dialect);
    document::result_reparses(&target, &patch, dialect);
    superoffice::recasing_changes_nothing(&target, &patch, request.choices);
    diff::an_inverse_undoes(&target, &patch, dialect);
    if *dialect == Dialect::RFC {
        document::agrees_with_json_patch_where_it_is_right(&target, &patch);
    }
}

/// A merge patch on a tree and on its text.
pub fn merge(bytes: &[u8]) {
    let Some(request) = Request::read(bytes) else { return };
    let (Some(target), Ok(patch)) = (request.tree(), serde_json::from_str::<Value>(request.body)) else { return };
    if !request.dialect.ignore_case || !model::has_folded_duplicate(&patch) {
        document::merge_is_the_pseudocode(&target, &patch, &request.dialect);
        diff::a_merge_inverse_undoes(&target, &MergePatch::new(patch), &request.dialect);
    }
    text::text_agrees_with_tree(request.target, request.body, Format::MergePatch, &request.dialect);
}

/// A patch of either format on a text.
pub fn text(bytes: &[u8]) {
    let Some(request) = Request::read(bytes) else { return };
    text::text_agrees_with_tree(request.target, request.body, request.format, &request.dialect);
    if let Ok(PatchDocument::JsonPatch(patch)) =
        PatchDocument::parse(request.body.as_bytes(), request.format, &request.dialect)
    {
        text::what_stands_around_keeps_its_bytes(request.target, &patch, &request.dialect);
    }
}

/// A patch of either format on a webhook, and on the text of one; or on another entity, which an option names. An input
/// that begins with a byte that no text has is a list of numbers, from which all of that is drawn up.
pub fn entity(bytes: &[u8]) {
    if let Some((0xFF, choices)) = bytes.split_first() {
        return governed::check(choices);
    }
    let Some(Request { options, dialect, format, target, body, choices, .. }) = Request::read(bytes) else { return };
    if let Some((.., check)) = governed::KINDS.iter().find(|(name, ..)| options.split(' ').any(|word| word == *name)) {
        let (stored, body) = (target.to_owned(), body.to_owned());
        return check(&governed::Case { stored, body, format, dialect, choices });
    }
    entity::what_did_not_change_keeps_its_bytes(target, body, format, &dialect);
    let Ok(webhook) = serde_json::from_str::<Webhook>(target) else { return };
    entity::read_only_members_never_change(&webhook, body, format, &dialect);
    entity::changed_is_what_differs(&webhook, body, format, &dialect);
    entity::a_patched_entity_is_read_back(&webhook, body, format, &dialect);
    entity::the_inverse_undoes_a_patch(&webhook, body, format, &dialect);
    entity::stored_agrees_with_typed(&webhook, body, format, &dialect);
    entity::any_stored_text_agrees_with_typed(target, body, format, &dialect);
    entity::an_entity_may_be_sent_back(&webhook, &dialect);
}

/// A stored entity of the kind that an option names, and a body for it; or a list of numbers, as in [`entity`].
#[cfg(feature = "schemars")]
pub fn schema(bytes: &[u8]) {
    if let Some((0xFF, choices)) = bytes.split_first() {
        schema::check(choices);
    } else if let Some(Request { options, target, body, .. }) = Request::read(bytes) {
        schema::check_texts(options.split(' '), target, body);
    }
}

/// A webhook and the body of a PUT; after another empty line, what a header or a `$select` holds.
pub fn http(bytes: &[u8]) {
    let Some(request) = Request::read(bytes) else { return };
    let (body, list) = request.body.split_once("\n\n").unwrap_or((request.body, ""));
    if let Ok(webhook) = serde_json::from_str::<Webhook>(request.target) {
        http::put_is_idempotent_and_keeps_what_is_not_the_clients(&webhook, body, &request.dialect);
        http::what_is_shown_may_be_put_back(&webhook, &request.dialect);
        http::a_selection_shows_or_hides(&webhook, list);
    }
    http::any_header_is_judged(list.as_bytes());
    http::a_content_type_is_read_in_any_case(list);
    http::any_preference_is_read(list);
    http::a_problem_is_read_back(request.choices as u16, list, list, list);
    http::a_date_is_read_back(request.choices as i64);
}

/// Two versions of a document; after another empty line, a third one that somebody else made of the first.
pub fn diff(bytes: &[u8]) {
    let Some(request) = Request::read(bytes) else { return };
    let (target, other) = request.body.split_once("\n\n").unwrap_or((request.body, "null"));
    // What a tree rounds, serde_json may read as another number than the one that it wrote.
    if ![request.target, target, other].into_iter().all(text::is_held_by_a_tree) {
        return;
    }
    let (Some(source), Ok(target), Ok(other)) =
        (request.tree(), serde_json::from_str::<Value>(target), serde_json::from_str::<Value>(other))
    else {
        return;
    };
    diff::a_diff_gives_the_target(&source, &target, &Dialect::RFC);
    diff::any_diff_gives_the_target(&source, &target, &Dialect::RFC);
    diff::a_diff_keeps_what_it_skips(&source, &target, &request.skip);
    diff::a_guarded_diff_never_overwrites(&source, &target, &other, &Dialect::RFC);
    diff::a_merge_diff_gives_the_target(&source, &target);
    if let (Value::Array(source), Value::Array(target)) = (&source, &target) {
        let are_scalars = |elements: &[Value]| elements.iter().all(|value| !value.is_array() && !value.is_object());
        // In longer arrays what is equal in long runs stays, for the sake of time.
        if are_scalars(source) && are_scalars(target) && source.len() * target.len() <= 4_096 {
            diff::a_diff_of_arrays_is_the_shortest(source, target);
        }
    }
}

/// A target and a body in which parts are repeated, for every call that takes them: what they cost is counted.
pub fn cost(bytes: &[u8]) {
    /// How long both texts may become.
    const LENGTH: usize = 64 << 10;

    let Some(mut request) = Request::read(bytes) else { return };
    let limits = &mut request.dialect.limits;
    (limits.body_bytes, limits.operations, limits.pointer_bytes) = (usize::MAX, usize::MAX, usize::MAX);
    let unfolded = |text| costs::unfolded(text, LENGTH);
    if let (Some(target), Some(body)) = (unfolded(request.target), unfolded(request.body)) {
        costs::every_call_is_linear(&target, &body, request.format, &request.dialect);
    }
}
