//! The schemas as `utoipa` wants them: what they refer to is a component of the document.

use std::borrow::Cow;

use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{
    entity::nested::Entity,
    schema::{Definitions, Described},
};

const COMPONENTS: &str = "#/components/schemas/";

fn converted(schema: Value) -> RefOr<Schema> {
    serde_json::from_value(schema).expect("each part of a schema has a type, an `anyOf` or a reference")
}

/// Implements `ToSchema` for types that have a schema.
macro_rules! described {
    ($($type:ty where {$($parameter:ident)?},)*) => {
        $(impl $(<$parameter: Entity>)? PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                converted(<$type as Described>::describe(&mut Definitions::new(COMPONENTS)))
            }
        }

        impl $(<$parameter: Entity>)? ToSchema for $type {
            fn name() -> Cow<'static, str> {
                <$type as Described>::name().into()
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                let mut definitions = Definitions::new(COMPONENTS);
                <$type as Described>::describe(&mut definitions);
                schemas.extend(definitions.list.into_iter().map(|(name, schema)| (name, converted(schema))));
            }
        })*
    };
}

for_each_type!(described);
