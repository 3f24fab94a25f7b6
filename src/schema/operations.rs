//! The operations of a JSON Patch for an entity: which paths each may have, and which values it takes there.

use serde_json::{Value, json};

use crate::{
    entity::{
        nested::Entity,
        shape::{Shape, ShapeKind},
        table::{Rest, Row, Table},
    },
    schema::{
        Definitions, Described, JsonPatchOf,
        bodies::{any, operation},
        members::{MemberNode, NodeKind, ValueUse, Values, inner, shape_of_others},
        routes::{self, Route},
        short_name,
    },
};

/// What is found on the way through the tables.
struct OperationSchemas<'d> {
    values: Values<'d>,
    /// The operations that have a value.
    valued: Vec<Value>,
    /// Where something can be removed, put, taken from and looked at.
    removed: Vec<Route>,
    put: Vec<Route>,
    taken: Vec<Route>,
    seen: Vec<Route>,
    /// What can be tested for any value.
    tested: Vec<Route>,
}

impl OperationSchemas<'_> {
    fn valued(&mut self, names: &[&str], route: &Route, value: &Value) {
        let path = Route::schema(std::slice::from_ref(route));
        self.valued.push(operation(names, &[("path", &path), ("value", value)]));
    }

    /// What is at a path can be replaced, and something can be put there.
    fn place(&mut self, route: &Route, value: &Value, is_removed: bool) {
        self.valued(&["add", "replace"], route, value);
        self.put.push(route.clone());
        self.taken.push(route.clone());
        if is_removed {
            self.removed.push(route.clone());
        }
    }

    /// Elements can be replaced, removed, and put between others.
    fn elements(&mut self, route: &Route, value: &Value) {
        self.valued(&["replace"], &route.element(), value);
        self.valued(&["add"], &route.new_element(), value);
        self.put.push(route.new_element());
        self.taken.push(route.element());
        self.removed.push(route.element());
    }

    /// What can be written in the object of a table, but for the tables in it.
    fn written(&mut self, table: &'static Table, route: &Route) {
        for row in table.rows.iter().filter(|row| row.is_writable()) {
            let node = MemberNode::of(row);
            let (route, name) = (route.member(row.name), format!("_{}", row.name));
            let value = self.values.member(row, &node, ValueUse::Written, &name);
            self.place(&route, &value, row.takes_null(&node));
            self.written_inside(&node, &route, &name);
        }
        if table.rest == Rest::Open {
            let (route, shape) = (route.other_member(&names(table, Row::is_writable)), shape_of_others(table));
            self.place(&route, &inner(&shape, ValueUse::Written), true);
            self.written_in_shape(&shape, &route);
        }
    }

    fn written_inside(&mut self, node: &MemberNode, route: &Route, name: &str) {
        match &node.kind {
            NodeKind::Table(_) => {}
            NodeKind::List(of) => {
                let value = self.values.element(of, ValueUse::Written, name);
                self.elements(route, &value);
                self.written_inside(of, &route.element(), name);
            }
            NodeKind::Map(of) => {
                let value = self.values.element(of, ValueUse::Written, name);
                self.place(&route.key(), &value, true);
                self.written_inside(of, &route.key(), name);
            }
            NodeKind::Leaf(shape) => self.written_in_shape(shape, route),
        }
    }

    fn written_in_shape(&mut self, shape: &Shape, route: &Route) {
        let value = |of| inner(of, ValueUse::Written);
        match shape.kind {
            ShapeKind::Boolean | ShapeKind::Integer { .. } | ShapeKind::String => {}
            ShapeKind::General | ShapeKind::Any => self.place(&route.all_below(), &any(), true),
            ShapeKind::Array(of) => {
                self.elements(route, &value(of));
                self.written_in_shape(of, &route.element());
            }
            ShapeKind::Object(of) => {
                self.place(&route.key(), &value(of), true);
                self.written_in_shape(of, &route.key());
            }
        }
    }

    /// What can be looked at in the object of a table, but for the tables in it.
    fn seen(&mut self, table: &'static Table, route: &Route) {
        for row in table.rows.iter().filter(|row| !row.is_hidden()) {
            let node = MemberNode::of(row);
            let (route, name) = (route.member(row.name), format!("_{}", row.name));
            self.seen.push(route.clone());
            if let NodeKind::Leaf(_) = node.kind {
                self.tested.push(route.clone());
            } else {
                let value = self.values.member(row, &node, ValueUse::Tested, &name);
                self.valued(&["test"], &route, &value);
            }
            self.seen_inside(&node, &route, &name);
        }
        if table.rest != Rest::Unknown {
            let route = route.other_member(&names(table, |row| !row.is_hidden()));
            for route in [route.all_below(), route] {
                self.seen.push(route.clone());
                self.tested.push(route);
            }
        }
    }

    fn seen_inside(&mut self, node: &MemberNode, route: &Route, name: &str) {
        let (of, below) = match &node.kind {
            NodeKind::Table(_) => return,
            NodeKind::List(of) => (of, route.element()),
            NodeKind::Map(of) => (of, route.key()),
            NodeKind::Leaf(shape) => return self.seen_in_shape(shape, route),
        };
        self.seen.push(below.clone());
        let value = self.values.element(of, ValueUse::Tested, name);
        self.valued(&["test"], &below, &value);
        self.seen_inside(of, &below, name);
    }

    fn seen_in_shape(&mut self, shape: &Shape, route: &Route) {
        let (of, below) = match shape.kind {
            ShapeKind::Boolean | ShapeKind::Integer { .. } | ShapeKind::String => return,
            ShapeKind::General | ShapeKind::Any => (None, route.all_below()),
            ShapeKind::Array(of) => (Some(of), route.element()),
            ShapeKind::Object(of) => (Some(of), route.key()),
        };
        self.seen.push(below.clone());
        self.tested.push(below.clone());
        if let Some(of) = of {
            self.seen_in_shape(of, &below);
        }
    }
}

/// The names of some members of a table.
fn names(table: &'static Table, are: impl Fn(&Row) -> bool) -> Vec<&'static str> {
    table.rows.iter().filter(|row| are(row)).map(|row| row.name).collect()
}

impl<E: Entity> Described for JsonPatchOf<E> {
    fn name() -> String {
        format!("JsonPatchOf_{}", short_name::<E>())
    }

    fn describe(definitions: &mut Definitions) -> Value {
        let table = E::table();
        let values = Values::new(definitions, Self::name());
        let lists = || (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (removed, put, taken, seen, tested) = lists();
        let mut operations = OperationSchemas { values, valued: Vec::new(), removed, put, taken, seen, tested };
        let root = Route::root();
        let whole = operations.values.object(table, ValueUse::Written, "");
        operations.place(&root, &whole, false);
        for (table, route) in routes::to_tables(table, Row::is_writable) {
            operations.written(table, &route);
        }
        let whole = operations.values.object(table, ValueUse::Tested, "");
        operations.valued(&["test"], &root, &whole);
        operations.seen.push(root);
        for (table, route) in routes::to_tables(table, |row| !row.is_hidden()) {
            operations.seen(table, &route);
        }
        let OperationSchemas { valued: mut all, removed, put, taken, seen, tested, .. } = operations;
        if !tested.is_empty() {
            all.push(operation(&["test"], &[("path", &Route::schema(&tested)), ("value", &any())]));
        }
        if !removed.is_empty() {
            all.push(operation(&["remove"], &[("path", &Route::schema(&removed))]));
        }
        let put = Route::schema(&put);
        all.push(operation(&["move"], &[("from", &Route::schema(&taken)), ("path", &put)]));
        all.push(operation(&["copy"], &[("from", &Route::schema(&seen)), ("path", &put)]));
        json!({
            "type": "array",
            "description": "A JSON Patch (RFC 6902) of members that can be written.",
            "items": {"anyOf": all},
        })
    }
}
