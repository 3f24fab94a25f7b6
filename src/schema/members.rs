//! What the values of an entity look like: in a body that writes them, in a merge patch, and in a `test`.

use serde_json::{Map, Number, Value, json};

use crate::{
    entity::{
        nested::Entity,
        shape::{Shape, ShapeKind},
        table::{Access, Inside, Rest, Row, Table},
    },
    schema::{Definitions, Described, MergePatchOf, bodies::any, escaped, short_name},
};

/// A value of an entity, and what is inside of it.
pub(super) struct MemberNode {
    pub(super) kind: NodeKind,
    /// Its type takes null.
    takes_null: bool,
}

pub(super) enum NodeKind {
    Table(&'static Table),
    List(Box<MemberNode>),
    Map(Box<MemberNode>),
    /// No table governs it: what its JSON is, where that is known.
    Leaf(Shape),
}

impl MemberNode {
    pub(super) fn of(row: &'static Row) -> MemberNode {
        MemberNode::inside(row, row.inside, "null")
    }

    /// A value inside of a member, and the member's JSON with null for that value: its type says whether it takes it.
    fn inside(row: &'static Row, inside: Inside, probe: &str) -> MemberNode {
        let takes_null = row.field.read(probe.as_bytes(), &mut usize::MAX.clone()).is_ok();
        let below = |of: &Inside, null: &str| Box::new(MemberNode::inside(row, *of, &probe.replace("null", null)));
        let kind = match inside {
            Inside::Opaque => NodeKind::Leaf(row.field.shape),
            Inside::Object(table) => NodeKind::Table(table()),
            Inside::Elements { of, .. } => NodeKind::List(below(of, "[null]")),
            Inside::Values { of } => NodeKind::Map(below(of, r#"{"a":null}"#)),
        };
        MemberNode { kind, takes_null }
    }
}

impl Row {
    /// Whether a client may write the member.
    pub(super) fn is_writable(&self) -> bool {
        self.access == Access::Writable
    }

    /// Whether a member has to be there: an absent one has no default.
    fn is_required(&self) -> bool {
        self.field.absent.and_then(|absent| absent()).is_none()
    }

    /// Whether null can be written to a member with this value: as null, or for its default.
    pub(super) fn takes_null(&self, node: &MemberNode) -> bool {
        node.takes_null || !self.is_required()
    }
}

/// What a value is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueUse {
    /// It is written as a whole.
    Written,
    /// It is merged into the one that is there.
    Merged,
    /// It is compared with the one that is there.
    Tested,
}

/// Makes schemas of values, and defines one for each table in them.
pub(super) struct Values<'d> {
    pub(super) definitions: &'d mut Definitions,
    /// What the names of the definitions begin with.
    name: String,
    tables: Vec<(*const Table, ValueUse, String)>,
}

impl<'d> Values<'d> {
    pub(super) fn new(definitions: &'d mut Definitions, name: String) -> Values<'d> {
        Values { definitions, name, tables: Vec::new() }
    }

    /// The object that a table describes.
    pub(super) fn object(&mut self, table: &'static Table, purpose: ValueUse, path: &str) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for row in table.rows {
            let is_named = match purpose {
                ValueUse::Written | ValueUse::Merged => row.is_writable(),
                ValueUse::Tested => !row.is_hidden(),
            };
            if !is_named {
                continue;
            }
            let schema = self.member(row, &MemberNode::of(row), purpose, &format!("{path}_{}", row.name));
            properties.insert(row.name.to_owned(), schema);
            if purpose == ValueUse::Written && row.is_required() {
                required.push(row.name);
            }
        }
        let others = match purpose {
            ValueUse::Written | ValueUse::Merged if table.rest == Rest::Open => inner(&shape_of_others(table), purpose),
            ValueUse::Written | ValueUse::Merged => false.into(),
            ValueUse::Tested => (table.rest != Rest::Unknown).into(),
        };
        let mut schema = json!({"type": "object", "additionalProperties": others});
        if !properties.is_empty() {
            schema["properties"] = properties.into();
        }
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        schema
    }

    /// A member of an object.
    pub(super) fn member(&mut self, row: &'static Row, node: &MemberNode, purpose: ValueUse, path: &str) -> Value {
        let schema = self.present(node, purpose, path);
        match purpose {
            ValueUse::Written | ValueUse::Merged if row.takes_null(node) => or_null(schema),
            ValueUse::Tested if node.takes_null => or_null(schema),
            _ => schema,
        }
    }

    /// An element of an array, or a value in a map.
    pub(super) fn element(&mut self, node: &MemberNode, purpose: ValueUse, path: &str) -> Value {
        let schema = self.present(node, purpose, path);
        if node.takes_null { or_null(schema) } else { schema }
    }

    /// A value, but for null.
    fn present(&mut self, node: &MemberNode, purpose: ValueUse, path: &str) -> Value {
        match &node.kind {
            NodeKind::Table(table) => self.table(table, purpose, path),
            NodeKind::List(of) => {
                // A merge patch replaces arrays.
                let purpose = if purpose == ValueUse::Tested { purpose } else { ValueUse::Written };
                json!({"type": "array", "items": self.element(of, purpose, path)})
            }
            NodeKind::Map(of) => {
                let value = self.element(of, purpose, path);
                let value = if purpose == ValueUse::Merged { or_null(value) } else { value };
                json!({"type": "object", "additionalProperties": value})
            }
            NodeKind::Leaf(_) if purpose == ValueUse::Tested => any(),
            NodeKind::Leaf(shape) => of_shape(shape, purpose),
        }
    }

    /// A reference to the object that a table describes.
    fn table(&mut self, table: &'static Table, purpose: ValueUse, path: &str) -> Value {
        let is_same = |known: &&(*const Table, ValueUse, String)| std::ptr::eq(known.0, table) && known.1 == purpose;
        if let Some((.., name)) = self.tables.iter().find(is_same) {
            return self.definitions.reference(name);
        }
        let suffix = match purpose {
            ValueUse::Written => "",
            ValueUse::Merged => "_merged",
            ValueUse::Tested => "_tested",
        };
        let mut name = format!("{}{}{suffix}", self.name, escaped(path));
        while self.tables.iter().any(|(.., taken)| *taken == name) {
            name.push('_');
        }
        // Before what is inside of it, which may refer to it.
        self.tables.push((table, purpose, name.clone()));
        let schema = self.object(table, purpose, path);
        let reference = self.definitions.reference(&name);
        self.definitions.list.push((name, schema));
        reference
    }
}

/// What the values of an open map are.
pub(super) fn shape_of_others(table: &Table) -> Shape {
    table.rest_row.map_or(Shape::GENERAL, |row| row.field.shape)
}

/// The schema of a value inside of another one.
pub(super) fn inner(shape: &Shape, purpose: ValueUse) -> Value {
    let schema = of_shape(shape, purpose);
    if shape.or_null || purpose == ValueUse::Merged { or_null(schema) } else { schema }
}

/// The JSON of a type that needs no serde to know it. Null, where it takes it, is added by its member.
fn of_shape(shape: &Shape, purpose: ValueUse) -> Value {
    match shape.kind {
        ShapeKind::General | ShapeKind::Any => any(),
        ShapeKind::Boolean => json!({"type": "boolean"}),
        ShapeKind::Integer { least, most } => {
            // No type that has a shape has more than 64 bits.
            json!({"type": "integer", "minimum": Number::from_i128(least), "maximum": Number::from_i128(most)})
        }
        ShapeKind::String => json!({"type": "string"}),
        ShapeKind::Array(of) => json!({"type": "array", "items": inner(of, ValueUse::Written)}),
        ShapeKind::Object(of) => json!({"type": "object", "additionalProperties": inner(of, purpose)}),
    }
}

/// The schema of a value that may be null, too.
pub(super) fn or_null(mut schema: Value) -> Value {
    match schema.get_mut("type") {
        // It may be null already.
        Some(Value::Array(_)) => schema,
        Some(kind) => {
            *kind = json!([kind.take(), "null"]);
            schema
        }
        None => match schema.get("anyOf") {
            Some(_) => schema,
            None => json!({"anyOf": [schema, {"type": "null"}]}),
        },
    }
}

impl<E: Entity> Described for MergePatchOf<E> {
    fn name() -> String {
        format!("MergePatchOf_{}", short_name::<E>())
    }

    fn describe(definitions: &mut Definitions) -> Value {
        let mut schema = Values::new(definitions, Self::name()).object(E::table(), ValueUse::Merged, "");
        schema["description"] =
            "A JSON Merge Patch (RFC 7396): null removes a member, or sets it to its default.".into();
        schema
    }
}
