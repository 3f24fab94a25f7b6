//! What a struct declares: which field is a member, under which names, and who may write it. Every mistake that the
//! attributes show is found here.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use serde_derive_internals::{
    Ctxt,
    ast::{Container, Data, Field, Style},
    attr::Default as SerdeDefault,
    name::Name,
};
use syn::{DeriveInput, LitStr, Path, Token, WherePredicate, parse::Parse, parse_quote, punctuated::Punctuated};
use unicase::UniCase;

use crate::{
    serde_words,
    words::{Place, Word, Words},
};

/// A struct with named fields, and what becomes of each.
pub(crate) struct Declared<'a> {
    pub(crate) members: Vec<Member<'a>>,
    pub(crate) flattened: Option<Flattened<'a>>,
    /// Fields that serde does not write.
    pub(crate) unwritten: Vec<&'a Field<'a>>,
    /// Names that only a server writes.
    pub(crate) output_only: Vec<String>,
    /// All names, and who has each: a field, or the list of the struct.
    names: Vec<(Option<&'a syn::Member>, Name)>,
    /// Where `entity_patch` is.
    pub(crate) home: Path,
    /// Instead of the bounds that the derive infers.
    pub(crate) bound: Option<Punctuated<WherePredicate, Token![,]>>,
}

/// A field that is a member.
pub(crate) struct Member<'a> {
    pub(crate) field: &'a Field<'a>,
    pub(crate) words: Words,
}

/// The map with the members that the table does not declare.
pub(crate) struct Flattened<'a> {
    pub(crate) field: &'a Field<'a>,
    pub(crate) words: Words,
}

impl Flattened<'_> {
    /// The type of its values, where a patch may write them and the map reads them by itself.
    pub(crate) fn written_value(&self) -> Option<TokenStream> {
        let (ty, attrs) = (self.field.ty, &self.field.attrs);
        let is_plain = attrs.deserialize_with().is_none() && attrs.serialize_with().is_none();
        (is_plain && self.words.has(Word::Open)).then(|| quote!(<#ty as __entity::FlattenedMap>::Value))
    }
}

/// What a field's value is where the member is absent.
pub(crate) enum Absent<'a> {
    /// What the type makes of it (an option is `None`, most others refuse), unless another function reads the field.
    AsTypeSays,
    /// The type's default.
    Default,
    /// What this function gives.
    Path(&'a syn::ExprPath),
    /// The field of the struct's default.
    OfStruct(&'a SerdeDefault),
}

impl Member<'_> {
    /// The name in JSON.
    pub(crate) fn name(&self) -> &str {
        &self.field.attrs.name().serialize_name().value
    }

    /// Other names that serde reads.
    pub(crate) fn aliases(&self) -> Vec<&str> {
        match self.field.attrs.skip_deserializing() {
            true => Vec::new(),
            false => {
                read_names(self.field).map(|name| name.value.as_str()).filter(|name| *name != self.name()).collect()
            }
        }
    }

    pub(crate) fn absent<'a>(&'a self, container: &'a Container<'a>) -> Absent<'a> {
        let attrs = &self.field.attrs;
        match (attrs.default(), container.attrs.default()) {
            (SerdeDefault::Path(path), _) => Absent::Path(path),
            (SerdeDefault::Default, _) => Absent::Default,
            (SerdeDefault::None, SerdeDefault::None) => Absent::AsTypeSays,
            (SerdeDefault::None, of_struct) => Absent::OfStruct(of_struct),
        }
    }
}

/// The names by which serde reads a field: its aliases contain its name.
fn read_names<'a>(field: &'a Field<'a>) -> impl Iterator<Item = &'a Name> {
    field.attrs.aliases().iter()
}

/// Why the derive is not for this item, if it is not a struct with named fields.
pub(crate) fn refuse_item(input: &DeriveInput) -> Option<syn::Error> {
    let (item, message): (TokenStream, _) = match &input.data {
        syn::Data::Enum(data) => (
            data.enum_token.to_token_stream(),
            "`Entity` is for structs with named fields: remove it here, a field may have an enum as its type",
        ),
        syn::Data::Union(data) => (data.union_token.to_token_stream(), "`Entity` is for structs with named fields"),
        syn::Data::Struct(data) => match &data.fields {
            syn::Fields::Named(_) => return None,
            syn::Fields::Unnamed(fields) => (
                fields.to_token_stream(),
                "`Entity` is for structs with named fields: the JSON of this one has no members",
            ),
            syn::Fields::Unit => (
                input.ident.to_token_stream(),
                "`Entity` is for structs with named fields: write `{}` to have no members",
            ),
        },
    };
    Some(syn::Error::new_spanned(item, message))
}

impl<'a> Declared<'a> {
    /// Sorts the fields of a struct; reports what is wrong.
    pub(crate) fn new(cx: &Ctxt, container: &'a Container<'a>) -> Declared<'a> {
        let attributes = &container.original.attrs;
        let words = Words::parse(cx, attributes, Place::Struct);
        let mut declared = Declared {
            members: Vec::new(),
            flattened: None,
            unwritten: Vec::new(),
            output_only: Vec::new(),
            names: Vec::new(),
            home: words.parsed(cx, Word::Crate, Path::parse).unwrap_or_else(|| parse_quote!(::entity_patch)),
            bound: words.parsed(cx, Word::Bound, Punctuated::<_, Token![,]>::parse_terminated),
        };
        if container.attrs.is_packed() {
            cx.error_spanned_by(&container.ident, "the fields of a packed struct cannot be borrowed: remove `packed`");
        }
        let output_only: Vec<&LitStr> = words
            .0
            .iter()
            .filter(|given| given.word == Word::OutputOnly)
            .filter_map(|given| given.text.as_ref())
            .collect();
        let Data::Struct(Style::Struct, fields) = &container.data else {
            return declared;
        };
        for field in fields {
            declared.sort(cx, field, &output_only, container);
        }
        for name in output_only {
            // A field may have the name: then it is the field's.
            if !declared.output_only.contains(&name.value()) {
                declared.output_only.push(name.value());
                declared.names.push((None, Name { value: name.value(), span: name.span() }));
            }
        }
        declared.check_keys(cx);
        declared.check_names(cx);
        declared
    }

    fn sort(&mut self, cx: &Ctxt, field: &'a Field<'a>, output_only: &[&LitStr], container: &Container<'_>) {
        let words = Words::parse(cx, &field.original.attrs, Place::Field);
        let (skips_writing, skips_reading) = (field.attrs.skip_serializing(), field.attrs.skip_deserializing());
        if !skips_reading && !field.attrs.borrowed_lifetimes().is_empty() {
            let at = serde_words::find(&field.original.attrs, "borrow").unwrap_or_else(|| field.ty.to_token_stream());
            cx.error_spanned_by(at, "an entity owns its fields: use an owned type, such as `String` or `Vec<u8>`");
        }
        if skips_writing {
            let is_named = output_only.iter().any(|name| name.value() == field.attrs.name().deserialize_name().value);
            self.sort_unwritten(cx, field, &words, is_named);
            return;
        }
        if let Some(output_only) = words.get(Word::OutputOnly) {
            let message =
                "serde writes this field, so it is a member: add `#[serde(skip_serializing)]`, or use `read_only`";
            cx.error_spanned_by(&output_only.path, message);
        }
        if field.attrs.flatten() {
            self.sort_flattened(cx, field, words);
            return;
        }
        if let Some(open) = words.get(Word::Open) {
            let message = "`open` is for a flattened map: add `#[serde(flatten)]`, or remove `open`";
            cx.error_spanned_by(&open.path, message);
        }
        let names = field.attrs.name();
        if !skips_reading && names.serialize_name() != names.deserialize_name() {
            let at = serde_words::find(&field.original.attrs, "rename")
                .or_else(|| serde_words::find(&container.original.attrs, "rename_all"))
                .unwrap_or_else(|| field.original.to_token_stream());
            let message = format!(
                "`{}` is written and `{}` is read: give the member one name, and keep the other one as an `alias`",
                names.serialize_name(),
                names.deserialize_name()
            );
            cx.error_spanned_by(at, message);
        }
        if skips_reading {
            self.check_unread(cx, field, &words, container.attrs.deny_unknown_fields());
        }
        let read = read_names(field).filter(|_| !skips_reading);
        self.names
            .extend([names.serialize_name()].into_iter().chain(read).map(|name| (Some(&field.member), name.clone())));
        self.members.push(Member { field, words });
    }

    /// Checks a member that serde writes and does not read.
    fn check_unread(&self, cx: &Ctxt, field: &Field<'_>, words: &Words, denies: bool) {
        for word in [Word::Eq, Word::Message] {
            if let Some(given) = words.get(word) {
                let name = given.path.to_token_stream();
                let message = format!("serde does not read this field, so its type is never asked: remove `{name}`");
                cx.error_spanned_by(&given.path, message);
            }
        }
        if denies {
            let message = "under `deny_unknown_fields` serde refuses to read what it writes here: remove one of them";
            cx.error_spanned_by(attribute_or_field(field, "skip_deserializing"), message);
        }
    }

    fn sort_unwritten(&mut self, cx: &Ctxt, field: &'a Field<'a>, words: &Words, is_named: bool) {
        if let Some(given) = words.other_than(&[Word::OutputOnly]) {
            let name = given.path.to_token_stream();
            let message = match words.has(Word::OutputOnly) {
                true => format!("no client writes what is `output_only`: remove `{name}`"),
                false => format!("serde does not write this field, so it is not a member: remove `{name}`"),
            };
            cx.error_spanned_by(&given.path, message);
        }
        let is_output_only = words.has(Word::OutputOnly) || is_named;
        if is_output_only {
            self.output_only.extend(read_names(field).map(|name| name.value.clone()));
            self.names.extend(read_names(field).map(|name| (Some(&field.member), name.clone())));
        } else if !field.attrs.skip_deserializing() {
            let message = "a member that is read and never written cannot be patched: add `#[entity(output_only)]` for \
                           one that only a server adds, or use `skip`, or `skip_serializing_if`";
            cx.error_spanned_by(attribute_or_field(field, "skip_serializing"), message);
        }
        self.unwritten.push(field);
    }

    fn sort_flattened(&mut self, cx: &Ctxt, field: &'a Field<'a>, words: Words) {
        let at = || attribute_or_field(field, "flatten");
        if field.attrs.skip_deserializing() {
            let message = "serde has to read the map that keeps undeclared members: remove `skip_deserializing`";
            cx.error_spanned_by(at(), message);
        }
        if let Some(given) = words.other_than(&[Word::Open, Word::Opaque, Word::OutputOnly]) {
            let name = given.path.to_token_stream();
            let message =
                format!("a flattened map takes `open` (a patch may write its members) and `opaque`: remove `{name}`");
            cx.error_spanned_by(&given.path, message);
        }
        if self.flattened.is_some() {
            cx.error_spanned_by(at(), "one map keeps the undeclared members: flatten only one");
        }
        self.flattened = Some(Flattened { field, words });
    }

    fn check_keys(&self, cx: &Ctxt) {
        let mut keys = self.members.iter().filter_map(|member| member.words.get(Word::Key));
        if keys.next().is_some() {
            for key in keys {
                cx.error_spanned_by(&key.path, "an entity has one `key`: remove this one or the other");
            }
        }
    }

    /// Reports two members whose names or aliases are equal under case folding.
    fn check_names(&self, cx: &Ctxt) {
        let mut first = HashMap::new();
        for (owner, name) in &self.names {
            let (other_owner, other) = first.entry(UniCase::unicode(name.value.as_str())).or_insert((owner, name));
            if owner == *other_owner {
                continue;
            }
            let other_owner = match other_owner {
                Some(field) => format!("of the field `{}`", field.to_token_stream()),
                None => "in `output_only`".to_owned(),
            };
            let message = format!(
                "the name `{name}` is equal to `{other}` {other_owner} under case folding, so a path could mean either: \
                 rename one"
            );
            cx.error_spanned_by(name, message);
        }
    }
}

/// An attribute of serde, or the whole field where it is not found.
fn attribute_or_field(field: &Field<'_>, name: &str) -> TokenStream {
    serde_words::find(&field.original.attrs, name).unwrap_or_else(|| field.original.to_token_stream())
}
