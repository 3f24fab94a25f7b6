//! The code that the derive writes: a table of rows, `adopt` and `keep`, and what the compiler checks about types.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use serde_derive_internals::{
    Ctxt, Derive,
    ast::{Container, Field},
    replace_receiver,
};
use syn::{DeriveInput, LitStr, ext::IdentExt, spanned::Spanned};

use crate::{
    declared::{self, Declared, Member},
    generics::{self, Parameters},
    serde_calls, serde_words,
    words::Word,
};

/// The implementation of `Entity` for a struct, or all that is wrong with it.
pub(crate) fn expand(input: &mut DeriveInput) -> syn::Result<TokenStream> {
    if let Some(error) = declared::refuse_item(input) {
        return Err(error);
    }
    replace_receiver(input);
    let refused = Ctxt::new();
    let is_refused = serde_words::refuse(&refused, &input.attrs);
    let of_serde = Ctxt::new();
    let private = format_ident!("__private");
    let container = Container::from_ast(&of_serde, input, Derive::Deserialize, &private);
    let of_serde = of_serde.check();
    if is_refused {
        return Err(refused.check().expect_err("an attribute was refused"));
    }
    refused.check()?;
    of_serde?;
    let container = container.expect("serde's derive reads a struct");
    let cx = Ctxt::new();
    let declared = Declared::new(&cx, &container);
    cx.check()?;
    Ok(Emission::new(&container, &declared).tokens())
}

/// A struct, and what is used all over the code that is written for it.
struct Emission<'a> {
    container: &'a Container<'a>,
    declared: &'a Declared<'a>,
    parameters: Parameters,
    /// For each member, the type that names the key of the elements in it.
    markers: Vec<TokenStream>,
}

impl<'a> Emission<'a> {
    fn new(container: &'a Container<'a>, declared: &'a Declared<'a>) -> Emission<'a> {
        let marker = |(row, member): (usize, &Member<'_>)| match member.words.has(Word::By) {
            true => {
                let marker = format_ident!("__Key{row}");
                quote!(#marker)
            }
            false => quote!(__entity::ByPosition),
        };
        let markers = declared.members.iter().enumerate().map(marker).collect();
        Emission { container, declared, parameters: Parameters::of(container), markers }
    }

    fn tokens(&self) -> TokenStream {
        let generics = generics::with_bounds(self.container, self.declared, &self.markers);
        let (impl_generics, arguments, where_clause) = generics.split_for_impl();
        let ident = &self.container.ident;
        let home = &self.declared.home;
        let rows = self.members().map(|(member, marker)| self.row(member, marker));
        let (rest, output_only) = (self.rest(), self.output_only());
        let keys = self.keys();
        let checks = self.checks();
        let adopt = self.adopt();
        let keep = self.keep();
        let adopt_json = self.adopt_json();
        let deprecated = self.is_deprecated().then(|| quote!(deprecated,));
        // What is allowed are lints that the user's crate may turn on, about code that the user did not write.
        quote! {
            #[doc(hidden)]
            #[allow(#deprecated unused_qualifications, clippy::absolute_paths)]
            const _: () = {
                use #home::__private as __entity;
                use #home::__private::Fallback as _;

                // Needs the import, which another struct may not need.
                const _: bool = __entity::Probe::<()>::HOLDS_ENTITY;

                #keys

                /// The table is a constant of a trait, since a static cannot have parameters.
                trait __Table {
                    const __TABLE: __entity::Table;
                }

                #[automatically_derived]
                impl #impl_generics __Table for #ident #arguments #where_clause {
                    const __TABLE: __entity::Table = __entity::Table::new(&[#(#rows),*]) #rest #output_only;
                }

                #[automatically_derived]
                impl #impl_generics __entity::Entity for #ident #arguments #where_clause {
                    const TABLE: ::core::option::Option<&'static __entity::Table> =
                        ::core::option::Option::Some(&<Self as __Table>::__TABLE);

                    fn table() -> &'static __entity::Table {
                        &<Self as __Table>::__TABLE
                    }

                    fn adopt(&mut self, __row: usize, __from: &mut Self) {
                        #adopt
                    }

                    fn keep(&mut self, __before: &mut Self) {
                        #keep
                    }

                    fn adopt_json(&mut self, __row: usize, __json: &[u8]) -> ::core::option::Option<bool> {
                        #adopt_json
                    }
                }

                #checks
            };
        }
    }

    /// Whether the struct or a field of it is deprecated, or the struct does without warnings for it.
    fn is_deprecated(&self) -> bool {
        let of_fields = self.container.data.all_fields().flat_map(|field| &field.original.attrs);
        self.container.original.attrs.iter().chain(of_fields).any(|attribute| {
            let allows = || {
                attribute.path().is_ident("allow")
                    && attribute.meta.to_token_stream().to_string().contains("deprecated")
            };
            attribute.path().is_ident("deprecated") || allows()
        })
    }

    fn members(&self) -> impl Iterator<Item = (&'a Member<'a>, &TokenStream)> {
        self.declared.members.iter().zip(&self.markers)
    }

    fn row(&self, member: &Member<'_>, marker: &TokenStream) -> TokenStream {
        let (words, ty) = (&member.words, member.field.ty);
        let name = member.name();
        let field = serde_calls::tokens(self.container, member, &self.parameters);
        let mut row = quote!(__entity::Row::new(#name, #field));
        let aliases = member.aliases();
        if !aliases.is_empty() {
            row.extend(quote!(.aliases(&[#(#aliases),*])));
        }
        let rust_name = rust_name(member.field);
        if rust_name != name {
            row.extend(quote!(.rust_name(#rust_name)));
        }
        if words.has(Word::Hidden) {
            row.extend(quote!(.hidden()));
        } else if words.has(Word::ReadOnly) || member.field.attrs.skip_deserializing() {
            row.extend(quote!(.read_only()));
        }
        if words.has(Word::Key) {
            row.extend(quote!(.key()));
        }
        if words.has(Word::Nested) {
            row.extend(quote_spanned!(at(ty)=> .inside(<#ty as __entity::Nested<#marker>>::INSIDE)));
        }
        row
    }

    fn rest(&self) -> Option<TokenStream> {
        let flattened = self.declared.flattened.as_ref()?;
        let rest = match flattened.words.has(Word::Open) {
            true => quote!(Open),
            false => quote!(Kept),
        };
        let rust_name = rust_name(flattened.field);
        let field = serde_calls::of_values(flattened, &self.parameters).map(|field| quote!(.rest_field(#field)));
        Some(quote!(.rest(__entity::Rest::#rest).rest_rust_name(#rust_name) #field))
    }

    fn output_only(&self) -> Option<TokenStream> {
        let names = &self.declared.output_only;
        (!names.is_empty()).then(|| quote!(.output_only(&[#(#names),*])))
    }

    /// The types that name the keys of elements.
    fn keys(&self) -> TokenStream {
        let keyed =
            self.members().filter_map(|(member, marker)| Some((marker, member.words.get(Word::By)?.text.as_ref()?)));
        let keys = keyed.map(|(marker, name)| {
            quote! {
                pub struct #marker;

                impl __entity::Key for #marker {
                    const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some(#name);
                }
            }
        });
        quote!(#(#keys)*)
    }

    fn adopt(&self) -> TokenStream {
        let rows = self.members().enumerate().map(|(row, (member, marker))| {
            let (field, ty) = (&member.field.member, member.field.ty);
            let keep = member.words.has(Word::Nested).then(|| {
                quote_spanned!(at(ty)=> <#ty as __entity::Nested<#marker>>::keep(&mut self.#field, &mut __from.#field);)
            });
            quote!(#row => { ::core::mem::swap(&mut self.#field, &mut __from.#field); #keep })
        });
        let map = self.declared.flattened.as_ref().map(|flattened| {
            let (row, field) = (self.declared.members.len(), &flattened.field.member);
            quote!(#row => ::core::mem::swap(&mut self.#field, &mut __from.#field),)
        });
        quote! {
            match __row {
                #(#rows)*
                #map
                _ => {}
            }
        }
    }

    fn adopt_json(&self) -> TokenStream {
        let rows = self.members().enumerate().filter(|(_, (member, _))| !member.field.attrs.skip_deserializing());
        let rows = rows.map(|(row, (member, marker))| {
            let (field, ty, read) = (&member.field.member, member.field.ty, serde_calls::reader(member));
            let keep = member.words.has(Word::Nested).then(
                || quote_spanned!(at(ty)=> <#ty as __entity::Nested<#marker>>::keep(&mut self.#field, &mut __before);),
            );
            let before = if keep.is_some() { quote!(mut __before) } else { quote!(_) };
            quote! {
                #row => match __entity::adopt::<#ty>(&mut self.#field, __json, #read) {
                    ::core::option::Option::Some(#before) => {
                        #keep
                        true
                    }
                    ::core::option::Option::None => false,
                },
            }
        });
        let rows: Vec<TokenStream> = rows.collect();
        if rows.is_empty() {
            return quote!(::core::option::Option::None);
        }
        quote! {
            ::core::option::Option::Some(match __row {
                #(#rows)*
                _ => return ::core::option::Option::None,
            })
        }
    }

    fn keep(&self) -> TokenStream {
        let unread =
            self.declared.members.iter().map(|member| member.field).filter(|field| field.attrs.skip_deserializing());
        let swapped = unread.chain(self.declared.unwritten.iter().copied()).map(|field| {
            let field = &field.member;
            quote!(::core::mem::swap(&mut self.#field, &mut __before.#field);)
        });
        let nested = self
            .members()
            .filter(|(member, _)| member.words.has(Word::Nested) && !member.field.attrs.skip_deserializing());
        let nested = nested.map(|(member, marker)| {
            let (field, ty) = (&member.field.member, member.field.ty);
            quote_spanned!(at(ty)=> <#ty as __entity::Nested<#marker>>::keep(&mut self.#field, &mut __before.#field);)
        });
        // A constant without parameters cannot check this one.
        let map = self.declared.flattened.as_ref().map(|flattened| flattened.field.ty);
        let map = map.filter(|ty| self.parameters.are_in(ty));
        let map = map.map(|ty| quote_spanned!(at(ty)=> __entity::is_flattened_map::<#ty>();));
        let mut tokens = quote!(#(#swapped)* #(#nested)*);
        if tokens.is_empty() {
            tokens = quote!(let _ = __before;);
        }
        quote!(#map #tokens)
    }

    /// What only the compiler knows, for types without parameters.
    fn checks(&self) -> TokenStream {
        let members = self.members().filter_map(|(member, marker)| {
            let ty = member.field.ty;
            if self.parameters.are_in(ty) {
                return None;
            }
            match (member.words.has(Word::Nested), member.words.get(Word::By)) {
                (true, Some(by)) => Some(key_check(ty, marker, by.text.as_ref()?)),
                (true, None) => None,
                (false, _) if member.words.has(Word::Opaque) => None,
                (false, _) => Some(refused(
                    ty,
                    quote!(__entity::Probe::<#ty>::HOLDS_ENTITY),
                    "this field holds an entity: say `#[entity(nested)]`, so that its table governs below the member, or \
                     `#[entity(opaque)]`, so that it does not. `nested` is for an entity, or an `Option`, `Vec`, `Box` or map \
                     by `String` of one",
                )),
            }
        });
        let map = self.declared.flattened.as_ref().filter(|flattened| !self.parameters.are_in(flattened.field.ty));
        let map = map.map(|flattened| {
            let ty = flattened.field.ty;
            let is_map = refused(ty, quote!(!__entity::Probe::<#ty>::IS_MAP), NO_MAP);
            let unsaid = refused(
                ty,
                quote!(__entity::Probe::<#ty>::HOLDS_ENTITY),
                "this map holds entities, whose tables do not govern in a flattened map: say `#[entity(opaque)]`",
            );
            match flattened.words.has(Word::Opaque) {
                true => is_map,
                false => quote!(#is_map #unsaid),
            }
        });
        quote!(#(#members)* #map)
    }
}

const NO_MAP: &str = "serde's `flatten` is for a map by `String` here, which keeps the members that no field declares: for \
                      a struct, remove `flatten` and say `#[entity(nested)]`, or declare its members as fields";

/// Stops the compiler where this holds for a type.
fn refused(ty: &syn::Type, condition: TokenStream, message: &str) -> TokenStream {
    quote_spanned! {at(ty)=>
        const _: () = if #condition {
            ::core::panic!(#message)
        };
    }
}

/// Stops the compiler where the elements of a list cannot have this key.
fn key_check(ty: &syn::Type, marker: &TokenStream, name: &LitStr) -> TokenStream {
    let nested = quote_spanned!(at(ty)=> <#ty as __entity::Nested<#marker>>);
    let no_list = "`by` names the key of a list's elements, and this field has no list: remove `by`";
    let no_member = format!(
        "the elements do not declare `{}`: `by` takes the name of their key in JSON, as their table spells it",
        name.value()
    );
    quote_spanned! {at(name)=>
        const _: () = if !__entity::has_keyed_elements(&#nested::INSIDE) {
            ::core::panic!(#no_list)
        } else if !__entity::may_declare(#nested::TABLE, #name) {
            ::core::panic!(#no_member)
        };
    }
}

/// Where an error shows. What is named there is found where the derive was called, not where a macro got its type from.
pub(crate) fn at(tokens: &impl Spanned) -> Span {
    Span::call_site().located_at(tokens.span())
}

/// The field's name, as crates for validation report it.
fn rust_name(field: &Field<'_>) -> String {
    match &field.member {
        syn::Member::Named(ident) => ident.unraw().to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}
