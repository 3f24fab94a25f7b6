//! The schemas as `schemars` wants them: what they refer to is defined by its generator.

use std::{any::type_name, borrow::Cow};

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{
    entity::nested::Entity,
    schema::{Definitions, Described},
};

fn schema<T: Described>(generator: &mut SchemaGenerator) -> Schema {
    let mut definitions = Definitions::new(format!("#{}/", generator.settings().definitions_path));
    let schema = T::describe(&mut definitions);
    generator.definitions_mut().extend(definitions.list);
    Schema::try_from(schema).expect("a schema is an object")
}

/// Implements `JsonSchema` for types that have a schema.
macro_rules! described {
    ($($type:ty where {$($parameter:ident)?},)*) => {
        $(impl $(<$parameter: Entity>)? JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                <$type as Described>::name().into()
            }

            fn schema_id() -> Cow<'static, str> {
                type_name::<$type>().into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                schema::<$type>(generator)
            }
        })*
    };
}

for_each_type!(described);
