//! Members that serde writes and never reads (`skip_deserializing`): whatever is there is taken as it is.

use serde::de;

use crate::entity::{
    misfit::{Reading, TypeRefusal},
    reader::ReadFault,
};

/// Reads a member that its type does not read.
pub fn as_it_is(json: &[u8], _work: &mut usize) -> Result<Reading, TypeRefusal> {
    Ok(Reading { json: json.to_vec(), ..Reading::default() })
}

/// Has no value of the type: there is nothing to read.
pub fn unread<T>() -> Result<T, ReadFault> {
    Err(de::Error::custom("serde does not read the field"))
}
