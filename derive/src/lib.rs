//! `#[derive(Entity)]`, which `entity-patch` re-exports: it writes the table of a struct's members from what the struct
//! says to serde, and what it says to this crate.
//!
//! `declared` reads both and finds every mistake, with the words of `words` and `serde_words`; `emit` writes the code,
//! with `serde_calls` for what a row does and `generics` for the bounds.

mod declared;
mod emit;
mod generics;
mod serde_calls;
mod serde_words;
mod words;

use proc_macro::TokenStream;

/// Makes an entity of a struct that serde reads and writes: its table says what a client may write.
///
/// Derive it beside `Clone`, `Serialize` and `Deserialize`. Nothing about the struct's JSON changes: a member has the
/// name that serde gives it, and is written unless its field says otherwise.
///
/// ```
/// use entity_patch::Entity;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Serialize, Deserialize, Entity)]
/// #[serde(rename_all = "camelCase")]
/// struct User {
///     #[entity(read_only, key)]
///     id: u64,
///     email: String,
///     #[serde(skip_serializing_if = "Option::is_none")]
///     nickname: Option<String>,
///     #[entity(nested)]
///     address: Address,
///     #[entity(nested, by = "id")]
///     phones: Vec<Phone>,
///     #[entity(hidden)]
///     password_hash: String,
/// }
///
/// #[derive(Clone, Serialize, Deserialize, Entity)]
/// struct Address {
///     city: String,
///     #[entity(read_only)]
///     verified: bool,
/// }
///
/// #[derive(Clone, Serialize, Deserialize, Entity)]
/// struct Phone {
///     /// A new phone has 0, until the server gives it a number.
///     #[serde(default)]
///     #[entity(read_only, key)]
///     id: u64,
///     number: String,
/// }
/// ```
///
/// # Attributes of a field
///
/// They are written `#[entity(…)]`.
///
/// | attribute | what it means |
/// | --- | --- |
/// | `read_only` | A client may send the value that is there, and no other. In an element that is new, that is its default: without serde's `default` no client can add one. |
/// | `hidden` | To a client the member does not exist. It needs a default, too, where a client is to add an element that has it. |
/// | `key` | The member tells this entity from others: an integer or a string. |
/// | `nested` | The type is an entity, or an `Option`, `Vec`, `Box`, or `BTreeMap` or `HashMap` by `String`, of one. Its table governs below the member. |
/// | `nested, by = "id"` | The elements of the list are matched by this member, by its name in JSON. A key that two elements have is refused in a list that changes: number new elements before you store them, or make the key an `Option`, of which any number of elements may have none. |
/// | `opaque` | The type is an entity whose table does not govern here. |
/// | `eq` | Two values are also equal where the type's `PartialEq` says so. |
/// | `message` | An error shows what the type says about a value that it does not take. Such a message must never contain the value. |
/// | `open` | On a flattened map: a patch may write the members that it keeps, as the type of the map's values reads them. |
/// | `output_only` | With serde's `skip_serializing` or `skip`: only a server adds the member. A body may contain it; it is skipped and reported in `ignored`. |
///
/// A field whose type is an entity says `nested` or `opaque`, or the struct does not compile. The derive sees entities
/// through type aliases, arrays and the containers of the standard library. It does not see them in tuples, in enums and
/// structs that are no entities, in containers of other crates, and where the type has a parameter of the struct: there
/// only serde knows them, so that **what is read-only or hidden in them is not protected**.
///
/// # Attributes of the struct
///
/// | attribute | what it means |
/// | --- | --- |
/// | `output_only = "_links"` | Only a server adds the member of this name, which needs no field. It can be given several times. |
/// | `bound = "T: Clone"` | Replaces the bounds that the derive infers from the types of the fields. |
/// | `crate = "path"` | Where `entity_patch` is, if it is a re-export of another crate. |
///
/// # Attributes of serde
///
/// | attribute | what it means for a client |
/// | --- | --- |
/// | `rename`, `rename_all`, `alias` | The names of members. No two members of a struct may have names or aliases that are equal under Unicode case folding. |
/// | `default`, on a field or the struct | What an absent member reads as, and what `remove` leaves where the type takes no null. |
/// | `with`, `serialize_with`, `deserialize_with` | How the member is read and written. |
/// | `skip_serializing_if` | Where the member is left out. |
/// | `skip` | The field is not a member. It keeps its value when an entity is patched; in the elements of a list or a map only where nothing in it changed. |
/// | `skip_deserializing` | The member is read-only. |
/// | `skip_serializing` | Only with `output_only`. |
/// | `flatten` on a map by `String` | Members that no field declares are kept as they are stored, and read-only unless the map is `open`. |
/// | `deny_unknown_fields`, `bound`, `crate`, `expecting` | What they mean to serde. |
///
/// # Errors
///
/// Where the JSON of a struct is not the members that its fields declare, the derive stops, and says what to do: for
/// enums, unions, tuple and unit structs; under `from`, `into`, `try_from`, `transparent`, `tag` and `remote`; for
/// `flatten` of anything but a map; for a member that is written by one name and read by another; for fields that borrow
/// from the input. A misspelt attribute is an error, too:
///
/// ```compile_fail
/// # use entity_patch::Entity;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Clone, Serialize, Deserialize, Entity)]
/// struct Account {
///     #[entity(readonly)] // unknown attribute `readonly` (did you mean `read_only`?)
///     balance: i64,
/// }
/// ```
///
/// # Parameters
///
/// A struct may have parameters. The derive asks of each field's type that mentions one what the field needs: that serde
/// reads and writes it, and that it is an entity where the field says `nested`. Structs with parameters that contain each
/// other need a `bound`, since each would be asked whether it is an entity in order to find out whether it is one.
#[proc_macro_derive(Entity, attributes(entity))]
pub fn entity(input: TokenStream) -> TokenStream {
    let mut input = syn::parse_macro_input!(input as syn::DeriveInput);
    emit::expand(&mut input).unwrap_or_else(syn::Error::into_compile_error).into()
}
