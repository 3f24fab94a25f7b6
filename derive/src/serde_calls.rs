//! How a row reads and writes its field: by serde's functions for it, in closures that capture nothing.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use serde_derive_internals::{ast::Container, attr::Default as SerdeDefault};

use crate::{
    declared::{Absent, Flattened, Member},
    emit::at,
    generics::Parameters,
    words::Word,
};

/// The `Field` of a row.
pub(crate) fn tokens(container: &Container<'_>, member: &Member<'_>, parameters: &Parameters) -> TokenStream {
    let (ty, attrs) = (member.field.ty, &member.field.attrs);
    let is_read = !attrs.skip_deserializing();
    let is_plain = is_read && attrs.deserialize_with().is_none() && attrs.serialize_with().is_none();
    let default = default(container, member);
    let skips = match attrs.skip_serializing_if() {
        Some(path) => quote!(|__value: &#ty| #path(__value)),
        None => quote!(|_| false),
    };
    let Functions { read, write } = Functions::of(member);
    // `Field::of` says what an absent member reads as, too.
    let is_of_type = is_plain && attrs.skip_serializing_if().is_none();
    let mut field = match (is_of_type, is_read) {
        (true, _) => quote!(__entity::Field::of::<#ty>()),
        (false, true) => quote! {
            __entity::Field::new(|__json, __work| __entity::read(__json, __work, #read, #write, #skips))
        },
        (false, false) => quote!(__entity::Field::new(__entity::as_it_is)),
    };
    if let Some(default) = default {
        field.extend(quote!(.absent(|| __entity::default(|| #default, #read, #write, #skips))));
    } else if !is_of_type && attrs.deserialize_with().is_none() {
        // Where the field's own function reads, serde wants the member to be there.
        field.extend(quote!(.absent(|| __entity::missing(#read))));
    }
    if member.words.has(Word::Eq) {
        let equal = quote_spanned!(at(ty)=> |__left: &#ty, __right: &#ty| __left == __right);
        field.extend(quote!(.equal(|__left, __right| __entity::equal(__left, __right, #read, #equal))));
    }
    if member.words.has(Word::Message) {
        field.extend(quote!(.message()));
    }
    if is_plain && !parameters.are_in(ty) {
        field.extend(quote!(.shape(<__entity::Probe<#ty>>::SHAPE)));
    }
    field
}

/// The `Field` of the values of a flattened map, where a patch may write them and the map reads them by itself.
pub(crate) fn of_values(flattened: &Flattened<'_>, parameters: &Parameters) -> Option<TokenStream> {
    let value = flattened.written_value()?;
    let mut field = quote!(__entity::Field::of::<#value>());
    if !parameters.are_in(flattened.field.ty) {
        field.extend(quote!(.shape(<__entity::Probe<#value>>::SHAPE)));
    }
    Some(field)
}

/// The function that reads a field.
pub(crate) fn reader(member: &Member<'_>) -> TokenStream {
    Functions::of(member).read
}

/// What reads and writes a field.
struct Functions {
    read: TokenStream,
    write: TokenStream,
}

impl Functions {
    fn of(member: &Member<'_>) -> Functions {
        let (ty, attrs) = (member.field.ty, &member.field.attrs);
        let span = at(ty);
        let read = match attrs.deserialize_with() {
            _ if attrs.skip_deserializing() => quote!(|_| __entity::unread::<#ty>()),
            Some(path) => quote!(|__json| #path(__json)),
            None => quote_spanned!(span=> |__json| <#ty as __entity::Deserialize>::deserialize(__json)),
        };
        let write = match attrs.serialize_with() {
            Some(path) => quote!(|__value: &#ty, __writer| #path(__value, __writer)),
            None => quote_spanned! {span=>
                |__value: &#ty, __writer| <#ty as __entity::Serialize>::serialize(__value, __writer)
            },
        };
        Functions { read, write }
    }
}

/// The value of the field where the member is absent, if serde has a default for it.
fn default(container: &Container<'_>, member: &Member<'_>) -> Option<TokenStream> {
    let ty = member.field.ty;
    match member.absent(container) {
        Absent::AsTypeSays => None,
        Absent::Default => Some(quote_spanned!(at(ty)=> <#ty as ::core::default::Default>::default())),
        Absent::Path(path) => Some(quote!(#path())),
        Absent::OfStruct(default) => {
            let whole = match default {
                SerdeDefault::Path(path) => quote!(#path()),
                SerdeDefault::Default | SerdeDefault::None => quote!(<Self as ::core::default::Default>::default()),
            };
            let name = &member.field.member;
            Some(quote!({ let __whole: Self = #whole; __whole.#name }))
        }
    }
}
