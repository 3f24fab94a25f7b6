//! The words of `#[entity(…)]`: which there are, which go together, and what a misspelt one was meant to be.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use serde_derive_internals::Ctxt;
use syn::{
    Attribute, LitStr, Path, Token,
    meta::ParseNestedMeta,
    parse::{Parse, ParseStream},
    token,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    ReadOnly,
    Hidden,
    Key,
    Nested,
    By,
    Opaque,
    Open,
    OutputOnly,
    Eq,
    Message,
    Bound,
    Crate,
}

/// Where an attribute is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Struct,
    Field,
}

/// What follows a word.
#[derive(Clone, Copy)]
enum Takes {
    Nothing,
    /// `= "…"`, with an example of it.
    Text(&'static str),
}

struct Entry {
    word: Word,
    name: &'static str,
    on_struct: Option<Takes>,
    on_field: Option<Takes>,
}

const fn flag(word: Word, name: &'static str) -> Entry {
    Entry { word, name, on_struct: None, on_field: Some(Takes::Nothing) }
}

const ENTRIES: [Entry; 12] = [
    flag(Word::ReadOnly, "read_only"),
    flag(Word::Hidden, "hidden"),
    flag(Word::Key, "key"),
    flag(Word::Nested, "nested"),
    Entry { word: Word::By, name: "by", on_struct: None, on_field: Some(Takes::Text("by = \"id\"")) },
    flag(Word::Opaque, "opaque"),
    flag(Word::Open, "open"),
    Entry {
        word: Word::OutputOnly,
        name: "output_only",
        on_struct: Some(Takes::Text("output_only = \"_links\"")),
        on_field: Some(Takes::Nothing),
    },
    flag(Word::Eq, "eq"),
    flag(Word::Message, "message"),
    Entry {
        word: Word::Bound,
        name: "bound",
        on_struct: Some(Takes::Text("bound = \"T: entity_patch::Entity\"")),
        on_field: None,
    },
    Entry {
        word: Word::Crate,
        name: "crate",
        on_struct: Some(Takes::Text("crate = \"path::to::entity_patch\"")),
        on_field: None,
    },
];

impl Entry {
    fn takes(&self, place: Place) -> Option<Takes> {
        match place {
            Place::Struct => self.on_struct,
            Place::Field => self.on_field,
        }
    }
}

/// Two words that exclude each other on a field, and what to do.
const CONFLICTS: [(Word, Word, &str); 4] = [
    (
        Word::ReadOnly,
        Word::Hidden,
        "no client can write a `hidden` member, so `read_only` adds nothing: remove one of them",
    ),
    (Word::Hidden, Word::Key, "a client cannot name an entity by a key that it cannot see: remove `hidden` or `key`"),
    (
        Word::Nested,
        Word::Opaque,
        "with `nested` the table of the field's type governs, with `opaque` it does not: remove one of them",
    ),
    (Word::Nested, Word::Key, "a `key` is an integer or a string, never an entity: remove `nested` or `key`"),
];

/// A word that was written.
pub(crate) struct Given {
    pub(crate) word: Word,
    pub(crate) path: Path,
    pub(crate) text: Option<LitStr>,
}

/// The words of one struct or field.
pub(crate) struct Words(pub(crate) Vec<Given>);

impl Words {
    /// Reads all `#[entity(…)]` of a struct or field; reports what is wrong with each word on its own, and together.
    pub(crate) fn parse(cx: &Ctxt, attributes: &[Attribute], place: Place) -> Words {
        let mut words = Words(Vec::new());
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("entity")) {
            if let Err(error) = attribute.parse_nested_meta(|meta| words.read(cx, place, &meta)) {
                cx.syn_error(error);
            }
        }
        words.check(cx);
        words
    }

    fn read(&mut self, cx: &Ctxt, place: Place, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let name = meta.path.to_token_stream().to_string().replace(' ', "");
        let Some(entry) = ENTRIES.iter().find(|entry| entry.name == name) else {
            cx.error_spanned_by(&meta.path, unknown(&name, place));
            return skip_value(meta);
        };
        let text = match entry.takes(place) {
            None => {
                let (here, there) = match place {
                    Place::Struct => ("the struct", "a field"),
                    Place::Field => ("a field", "the struct"),
                };
                let message = format!("`{name}` goes on {there}, not on {here}: {here} takes {}", list(place));
                cx.error_spanned_by(&meta.path, message);
                return skip_value(meta);
            }
            Some(Takes::Nothing) if has_value(meta) => {
                let message = match entry.word {
                    Word::Nested => "`nested` takes no value: write `nested`, or `nested, by = \"id\"`".to_owned(),
                    _ => format!("`{name}` takes no value here: write `{name}` alone"),
                };
                cx.error_spanned_by(&meta.path, message);
                return skip_value(meta);
            }
            Some(Takes::Nothing) => None,
            Some(Takes::Text(example)) => {
                let given = value(meta)?;
                let Ok(text) = syn::parse2::<Value>(given).map(|value| value.0) else {
                    cx.error_spanned_by(&meta.path, format!("`{name}` needs a string: write `{example}`"));
                    return Ok(());
                };
                Some(text)
            }
        };
        let may_repeat = (entry.word, place) == (Word::OutputOnly, Place::Struct);
        if self.get(entry.word).is_some() && !may_repeat {
            cx.error_spanned_by(&meta.path, format!("`{name}` is given twice: remove one of them"));
        } else {
            self.0.push(Given { word: entry.word, path: meta.path.clone(), text });
        }
        Ok(())
    }

    fn check(&self, cx: &Ctxt) {
        for (first, second, message) in CONFLICTS {
            if let (Some(first), Some(second)) = (self.position(first), self.position(second)) {
                cx.error_spanned_by(&self.0[first.max(second)].path, message);
            }
        }
        if let (Some(by), None) = (self.get(Word::By), self.get(Word::Nested)) {
            let message = "`by` names the key of a nested list's elements: write `nested, by = \"…\"`, or remove `by`";
            cx.error_spanned_by(&by.path, message);
        }
    }

    pub(crate) fn get(&self, word: Word) -> Option<&Given> {
        self.position(word).map(|at| &self.0[at])
    }

    pub(crate) fn has(&self, word: Word) -> bool {
        self.position(word).is_some()
    }

    /// What the string of a word says.
    pub(crate) fn parsed<T>(&self, cx: &Ctxt, word: Word, parse: fn(ParseStream<'_>) -> syn::Result<T>) -> Option<T> {
        let text = self.get(word)?.text.as_ref()?;
        let value = text.parse_with(parse);
        if let Err(error) = &value {
            let entry = ENTRIES.iter().find(|entry| entry.word == word);
            if let Some(Entry { name, on_struct: Some(Takes::Text(example)), .. }) = entry {
                cx.error_spanned_by(text, format!("`{name}` cannot be read ({error}): write it as in `{example}`"));
            }
        }
        value.ok()
    }

    fn position(&self, word: Word) -> Option<usize> {
        self.0.iter().position(|given| given.word == word)
    }

    /// The first word that is none of these.
    pub(crate) fn other_than(&self, allowed: &[Word]) -> Option<&Given> {
        self.0.iter().find(|given| !allowed.contains(&given.word))
    }
}

fn has_value(meta: &ParseNestedMeta<'_>) -> bool {
    meta.input.peek(Token![=]) || meta.input.peek(token::Paren)
}

/// The string after `=`.
struct Value(LitStr);

impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> syn::Result<Value> {
        input.parse::<Token![=]>()?;
        input.parse().map(Value)
    }
}

/// Goes on to the next word, so that one mistake does not conceal another.
fn skip_value(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    value(meta).map(drop)
}

/// What follows a word, up to the next one.
pub(crate) fn value(meta: &ParseNestedMeta<'_>) -> syn::Result<TokenStream> {
    let mut value = TokenStream::new();
    while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
        value.extend([meta.input.parse::<TokenTree>()?]);
    }
    Ok(value)
}

fn unknown(name: &str, place: Place) -> String {
    let nearest = ENTRIES
        .iter()
        .filter(|entry| entry.takes(place).is_some())
        .map(|entry| (distance(&plain(name), &plain(entry.name)), entry.name))
        .min_by_key(|(distance, _)| *distance)
        // Two typing errors in a long word, one in a short one.
        .filter(|(distance, nearest)| *distance <= nearest.len().div_ceil(4));
    let meant = nearest.map(|(_, nearest)| format!(" (did you mean `{nearest}`?)")).unwrap_or_default();
    let here = match place {
        Place::Struct => "the struct",
        Place::Field => "a field",
    };
    format!("unknown attribute `{name}`{meant}: {here} takes {}", list(place))
}

/// The words that a struct or field takes.
fn list(place: Place) -> String {
    let names = ENTRIES.iter().filter(|entry| entry.takes(place).is_some());
    let mut names: Vec<String> = names.map(|entry| format!("`{}`", entry.name)).collect();
    let last = names.pop().unwrap_or_default();
    format!("{} and {last}", names.join(", "))
}

/// A word without what people vary: case and separators.
fn plain(name: &str) -> Vec<char> {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

/// How many characters have to be inserted, removed or replaced (Levenshtein).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, from) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (at, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
