//! The schemas as `schemars` wants them: what they refer to is defined by its generator.

use std::{any::type_name, borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::{
    entity::nested::Entity,
    patch::{operation::Operation, pointer::Pointer},
    schema::{Definitions, Described},
};

/// The schema of a type. What it refers to is defined under a name that nothing else of the generator has: two entities
/// may have one name, in two modules.
fn schema<T: Described>(generator: &mut SchemaGenerator) -> Schema {
    let path = &*generator.settings().definitions_path;
    let path = path.strip_prefix('#').unwrap_or(path);
    let home = format!("#{}/", path.strip_suffix('/').unwrap_or(path));
    let mut definitions = Definitions::new(&*home);
    let mut schema = T::describe(&mut definitions);
    // What is a type itself is the generator's to define.
    let mut names = BTreeMap::new();
    share::<Pointer>(generator, &home, &mut definitions, &mut names);
    share::<Operation>(generator, &home, &mut definitions, &mut names);
    let own = definitions.list;
    for number in 1_usize.. {
        let suffix = if number == 1 { String::new() } else { number.to_string() };
        names.extend(own.iter().map(|(name, _)| (format!("{home}{name}"), format!("{home}{name}{suffix}"))));
        let renamed = own.iter().map(|(name, schema)| {
            let mut schema = schema.clone();
            rename(&mut schema, &names);
            (format!("{name}{suffix}"), schema)
        });
        let renamed: Map<String, Value> = renamed.collect();
        let known = generator.definitions_mut();
        if renamed.iter().all(|(name, schema)| known.get(name).is_none_or(|known| known == schema)) {
            known.extend(renamed);
            break;
        }
    }
    rename(&mut schema, &names);
    Schema::try_from(schema).expect("a schema is an object")
}

/// Leaves the definition of a type to the generator, and notes what it is called there.
fn share<T: Described + JsonSchema>(
    generator: &mut SchemaGenerator,
    home: &str,
    definitions: &mut Definitions,
    names: &mut BTreeMap<String, String>,
) {
    let Some(at) = definitions.list.iter().position(|(name, _)| *name == <T as Described>::name()) else { return };
    let (name, _) = definitions.list.swap_remove(at);
    if let Some(Value::String(reference)) = generator.subschema_for::<T>().get("$ref") {
        names.insert(format!("{home}{name}"), reference.clone());
    }
}

/// Gives what a schema refers to other names.
fn rename(schema: &mut Value, names: &BTreeMap<String, String>) {
    match schema {
        Value::Object(members) => {
            // A member of an entity may have this name: then it has a schema.
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                if let Some(name) = names.get(reference) {
                    reference.clone_from(name);
                }
            }
            members.values_mut().for_each(|schema| rename(schema, names));
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(|schema| rename(schema, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
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
