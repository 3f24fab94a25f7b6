//! What an entity declares, who may write it, and a patch at work on it.
//!
//! `table` and `nested` say what is declared; `reader` and what is around it reads and writes one member as its type
//! does. A `session` is an entity's text that is being patched: it walks along paths, `assign` writes there, `conform`
//! brings what is written under the tables, and `seen` is what a client sees. `carry_out` runs a patch on `entity_nodes`, and
//! then has `judge` compare the entity before and after.

mod assign;
mod carry_out;
mod changes;
mod children;
mod compare;
mod conform;
#[cfg(feature = "superoffice")]
pub(crate) mod create;
pub(crate) mod declarable;
#[cfg(all(test, feature = "derive"))]
mod derived;
mod entity_nodes;
pub(crate) mod field;
#[cfg(feature = "garde")]
mod garde;
mod governed;
mod ignored;
mod judge;
mod kept;
mod losses;
mod matching;
pub(crate) mod misfit;
pub(crate) mod names;
pub(crate) mod nested;
mod overlay;
pub(crate) mod patch;
mod phrases;
mod places;
pub(crate) mod policy;
pub(crate) mod put;
pub(crate) mod reader;
pub(crate) mod reading;
mod respell;
#[cfg(any(feature = "garde", feature = "validator"))]
mod rust_path;
mod seen;
mod sent;
mod session;
pub(crate) mod shape;
pub(crate) mod table;
pub(crate) mod unread;
#[cfg(feature = "validator")]
mod validator;
pub(crate) mod visible;
mod write_log;

/// What the code that `#[derive(Entity)]` writes names, and the tests of the crate.
#[doc(hidden)]
pub mod private {
    pub use serde::{Deserialize, Serialize, de::DeserializeOwned};

    pub use crate::entity::{
        declarable::{FlattenedMap, has_keyed_elements, is_flattened_map, may_declare},
        field::{Equal, Field, Read},
        misfit::{Misfit, Reading, TypeRefusal, Why},
        nested::{ByPosition, Entity, Fallback, Key, Nested, Probe, Shaped},
        reader::{Missing, ReadFault, Reader},
        reading::{Writer, adopt, default, equal, missing, read, value},
        shape::Shape,
        table::{Access, Inside, Rest, Row, Table},
        unread::{as_it_is, unread},
    };
}
