//! Where serde's attributes are, so that an error can point at one; and those under which a struct's JSON is not the
//! members that its fields declare. What the others mean, `serde_derive_internals` says.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use serde_derive_internals::Ctxt;
use syn::Attribute;

use crate::words;

/// Attributes of a struct that cannot be honoured, and what to do. Serde itself refuses those that are for enums.
const REFUSED: [(&str, &str); 6] = [
    ("from", "the struct is read as another type, whose members its fields do not show: derive `Entity` for that type"),
    (
        "try_from",
        "the struct is read as another type, whose members its fields do not show: derive `Entity` for that type",
    ),
    (
        "into",
        "the struct is written as another type, whose members its fields do not show: derive `Entity` for that type",
    ),
    ("transparent", "the JSON is that of the only field, without members: use the field's type instead of the struct"),
    ("tag", "the tag is a member that no field declares: remove `tag`, and add a field for the member"),
    ("remote", "serde is derived for the other type, not for this struct: wrap that type, or write its table by hand"),
];

/// Reports each attribute of a struct that cannot be honoured; whether there is one.
pub(crate) fn refuse(cx: &Ctxt, attributes: &[Attribute]) -> bool {
    let mut is_refused = false;
    for (name, reason) in REFUSED {
        if let Some(tokens) = find(attributes, name) {
            cx.error_spanned_by(tokens, format!("`Entity` cannot be derived under serde's `{name}`: {reason}"));
            is_refused = true;
        }
    }
    is_refused
}

/// The attribute of serde by this name, with its value.
pub(crate) fn find(attributes: &[Attribute], name: &str) -> Option<TokenStream> {
    let mut found = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // What is malformed, serde's own derive reports.
        let _ = attribute.parse_nested_meta(|meta| {
            let path = meta.path.to_token_stream();
            let value = words::value(&meta)?;
            if meta.path.is_ident(name) && found.is_none() {
                found = Some(quote!(#path #value));
            }
            Ok(())
        });
    }
    found
}
