//! Which bounds the implementation needs for a struct with parameters, and which types mention one.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use serde_derive_internals::{ast::Container, attr::Default as SerdeDefault};
use syn::{GenericParam, Generics, Lifetime, PredicateType, Type, WherePredicate, parse_quote};

use crate::{
    declared::{Absent, Declared},
    words::Word,
};

/// The parameters of a struct, by name.
pub(crate) struct Parameters {
    names: HashSet<String>,
    /// The struct's own name: a bound on a type that mentions it would have to prove itself.
    own: String,
}

impl Parameters {
    pub(crate) fn of(container: &Container<'_>) -> Parameters {
        let names = container.generics.params.iter().map(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident.to_string(),
            GenericParam::Const(parameter) => parameter.ident.to_string(),
            GenericParam::Lifetime(parameter) => parameter.lifetime.ident.to_string(),
        });
        Parameters { names: names.collect(), own: container.ident.to_string() }
    }

    /// Whether a type is another one for other parameters.
    pub(crate) fn are_in(&self, tokens: impl ToTokens) -> bool {
        !self.names.is_empty() && mentions(tokens.into_token_stream(), &|name| self.names.contains(name))
    }

    /// Whether a type is a parameter itself.
    fn is_one(&self, ty: &Type) -> bool {
        matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|ident| self.names.contains(&ident.to_string())))
    }

    /// Whether a bound on the type is needed, and can be proved.
    fn bound(&self, tokens: impl ToTokens) -> bool {
        let tokens = tokens.into_token_stream();
        self.are_in(&tokens) && !mentions(tokens, &|name| name == self.own)
    }
}

fn mentions(tokens: TokenStream, is_meant: &dyn Fn(&str) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => is_meant(&ident.to_string()),
        TokenTree::Group(group) => mentions(group.stream(), is_meant),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The struct's parameters with the bounds under which it is an entity; `markers` are the types that name the keys.
pub(crate) fn with_bounds(container: &Container<'_>, declared: &Declared<'_>, markers: &[TokenStream]) -> Generics {
    let mut generics = container.generics.clone();
    if generics.params.is_empty() {
        return generics;
    }
    let parameters = Parameters::of(container);
    let (_, own_arguments, _) = container.generics.split_for_impl();
    let ident = &container.ident;
    let mut predicates: Vec<WherePredicate> = vec![
        parse_quote!(#ident #own_arguments: ::core::clone::Clone + __entity::Serialize + __entity::DeserializeOwned),
    ];
    if let SerdeDefault::Default = container.attrs.default() {
        predicates.push(parse_quote!(#ident #own_arguments: ::core::default::Default));
    }
    predicates.extend(of_serde(container));
    match &declared.bound {
        Some(bound) => predicates.extend(bound.iter().cloned()),
        None => predicates.extend(inferred(container, declared, markers, &parameters)),
    }
    generics.make_where_clause().predicates.extend(predicates);
    generics
}

fn inferred<'a>(
    container: &'a Container<'a>,
    declared: &'a Declared<'a>,
    markers: &'a [TokenStream],
    parameters: &'a Parameters,
) -> impl Iterator<Item = WherePredicate> {
    let of_members = declared.members.iter().zip(markers).filter(|(member, _)| parameters.bound(member.field.ty));
    let of_members = of_members.map(|(member, marker)| {
        let (ty, attrs) = (member.field.ty, &member.field.attrs);
        let mut bounds = Vec::new();
        if member.words.has(Word::Nested) {
            bounds.push(quote!(__entity::Nested<#marker>));
        }
        if attrs.serialize_with().is_none() {
            bounds.push(quote!(__entity::Serialize));
        }
        if attrs.deserialize_with().is_none() && !attrs.skip_deserializing() {
            bounds.push(quote!(__entity::DeserializeOwned));
        }
        if matches!(member.absent(container), Absent::Default) {
            bounds.push(quote!(::core::default::Default));
        }
        if member.words.has(Word::Eq) {
            bounds.push(quote!(::core::cmp::PartialEq));
        }
        parse_quote!(#ty: #(#bounds)+*)
    });
    let map = declared.flattened.as_ref();
    let of_map = map.map(|map| map.field.ty).filter(|ty| parameters.is_one(ty));
    let of_map = of_map.map(|ty| parse_quote!(#ty: __entity::FlattenedMap));
    let of_values = map.filter(|map| parameters.bound(map.field.ty)).and_then(|map| map.written_value());
    let of_values = of_values.map(|value| parse_quote!(#value: __entity::Serialize + __entity::DeserializeOwned));
    of_members.chain(of_map).chain(of_values)
}

/// The bounds that the user gave to serde.
fn of_serde(container: &Container<'_>) -> impl Iterator<Item = WherePredicate> {
    let fields = container.data.all_fields();
    let of_fields = fields.flat_map(|field| [field.attrs.ser_bound(), field.attrs.de_bound()]);
    let all = [container.attrs.ser_bound(), container.attrs.de_bound()].into_iter().chain(of_fields);
    let all: Vec<WherePredicate> = all.flatten().flatten().filter_map(for_any_lifetime).collect();
    all.into_iter()
}

/// Serde's bounds may name the lifetime of the input, `'de`.
fn for_any_lifetime(predicate: &WherePredicate) -> Option<WherePredicate> {
    match predicate {
        WherePredicate::Type(bounded)
            if bounded.lifetimes.is_none() && mentions(predicate.to_token_stream(), &|name| name == "de") =>
        {
            let input = Lifetime::new("'de", proc_macro2::Span::call_site());
            let lifetimes = Some(parse_quote!(for<#input>));
            Some(WherePredicate::Type(PredicateType { lifetimes, ..bounded.clone() }))
        }
        WherePredicate::Type(_) => Some(predicate.clone()),
        // One about the input's lifetime is about borrowed fields.
        _ => None,
    }
}
