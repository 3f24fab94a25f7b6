//! How the type of a member reads its JSON and writes it again, as data of a table.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};

pub use crate::entity::misfit::{Misfit, Reading, TypeRefusal, Why};
use crate::entity::{reading, shape::Shape};

/// Reads a member's JSON as its type does, at the cost of some of the work that is left.
pub type Read = fn(&[u8], &mut usize) -> Result<Reading, TypeRefusal>;

/// What an absent member reads as, as its type writes it; nothing where the type does not take an absent member.
pub type AbsentJson = fn() -> Option<Cow<'static, [u8]>>;

/// Whether two texts are equal to a type.
pub type Equal = fn(&[u8], &[u8]) -> bool;

/// How the type of a member reads its JSON and writes it, erased to functions.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub(crate) read: Read,
    /// Whether the type's `PartialEq` calls two texts equal, where its row asks for that.
    pub(crate) equal: Option<Equal>,
    /// What an absent member reads as, as the type writes it; `None` where an absent member is an error.
    pub(crate) absent: Option<AbsentJson>,
    pub(crate) shape: Shape,
    /// What the type itself says may be shown.
    shows_message: bool,
}

impl Field {
    /// A field that reads and writes JSON by this function, which calls `read`. An absent member
    /// is an error.
    pub const fn new(read: Read) -> Field {
        Field { read, equal: None, absent: None, shape: Shape::GENERAL, shows_message: false }
    }

    /// A field of this type, read and written by its own serde implementations.
    pub const fn of<T: Serialize + DeserializeOwned>() -> Field {
        let field = Field::new(|json, work| {
            reading::read(json, work, |json| T::deserialize(json), |value, writer| value.serialize(writer), |_| false)
        });
        field.absent(|| reading::missing(|missing| T::deserialize(missing)))
    }

    /// What an absent member reads as, as the type writes it.
    pub const fn absent(mut self, json: AbsentJson) -> Field {
        self.absent = Some(json);
        self
    }

    /// Whether two texts are equal to the type, beside those that are equal as JSON.
    pub const fn equal(mut self, equal: Equal) -> Field {
        self.equal = Some(equal);
        self
    }

    /// What the type itself says about JSON that it does not take is shown: it never contains a value.
    pub const fn message(mut self) -> Field {
        self.shows_message = true;
        self
    }

    /// What its JSON is, where that is known without serde.
    pub const fn shape(mut self, shape: Shape) -> Field {
        self.shape = shape;
        self
    }

    /// Whether the type takes null.
    pub(crate) fn takes_null(&self) -> bool {
        // There is nothing in null that it could ignore.
        (self.read)(b"null", &mut usize::MAX.clone()).is_ok()
    }

    /// What the type makes of this JSON, which is valid. `work` is how many more bytes may be read and reported to
    /// find out what the type ignores.
    pub fn read(&self, json: &[u8], work: &mut usize) -> Result<Reading, Misfit> {
        let TypeRefusal { mut misfit, message } = match (self.read)(json, work) {
            Ok(reading) => return Ok(reading),
            Err(refusal) => refusal,
        };
        if let (true, Some(message)) = (self.shows_message, message) {
            misfit.why = Why::Message(message);
        }
        Err(misfit)
    }
}
