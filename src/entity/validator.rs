//! What the crate `validator` reports, as violations.

use std::borrow::Cow;

use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use crate::{
    entity::{
        nested::Entity,
        policy::{Violation, Violations},
        rust_path::RustPlace,
    },
    json::tape::Kind,
    text::{self, Text},
};

/// Where `validator` reports what is wrong with a struct as a whole.
const STRUCT: &str = "__all__";
/// Where it reports on the elements of a list that is inside of another container.
const ELEMENTS: &str = "_tmp_validator";

impl Violations {
    /// What `validator` reports about this entity, each at its path in JSON, with its code.
    ///
    /// The paths have the names of the tables, so the field of a nested entity has to be `nested`; below a member that no
    /// table governs, names stay as they are reported. What is wrong with a hidden member, or with a field that serde
    /// skips, is reported where it is, without its name, its code and its message. `validator` reports on a map by position;
    /// the names are those of the entity. The order is that of the tables.
    ///
    /// A detail is the message of the rule, or else says which rule it is and what its bounds are; the values that
    /// `validator` reports are never shown. It needs Rust 1.88.
    ///
    /// ```
    /// # #[cfg(feature = "derive")] {
    /// use entity_patch::{Entity, Policy, Violations};
    /// use serde::{Deserialize, Serialize};
    /// use validator::Validate;
    ///
    /// #[derive(Clone, Serialize, Deserialize, Entity, Validate)]
    /// #[serde(rename_all = "camelCase")]
    /// struct User {
    ///     #[validate(length(min = 1, max = 40))]
    ///     display_name: String,
    /// }
    ///
    /// struct Caller;
    ///
    /// impl Policy<User> for Caller {
    ///     fn validate(&self, _stored: &User, patched: &User) -> Result<(), Violations> {
    ///         patched.validate().map_err(|errors| Violations::from_validator(patched, &errors))
    ///     }
    /// }
    ///
    /// let user = User { display_name: String::new() };
    /// let violations = Caller.validate(&user, &user).unwrap_err();
    /// assert_eq!(violations.to_string(), "at `/displayName`: the rule `length` does not hold (min 1, max 40)");
    /// # }
    /// ```
    pub fn from_validator<E: Entity>(entity: &E, errors: &ValidationErrors) -> Violations {
        let json = serde_json::to_vec(entity).unwrap_or_default();
        let mut walk = Walk { json: text::open_alone(&json, "", usize::MAX).ok(), violations: Vec::new() };
        walk.errors(errors, &RustPlace::root::<E>());
        walk.violations.into_iter().collect()
    }
}

struct Walk<'t> {
    /// The entity, in which a map has its values in the order in which they were validated.
    json: Option<Text<'t>>,
    violations: Vec<Violation>,
}

impl Walk<'_> {
    fn errors(&mut self, errors: &ValidationErrors, place: &RustPlace) {
        let fields = errors.errors().iter().map(|(name, kind)| (name.as_ref(), kind));
        let mut fields: Vec<(&str, &ValidationErrorsKind)> = fields.collect();
        fields.sort_unstable_by_key(|&(name, _)| (place.order_of(name), name));
        for (name, kind) in fields {
            let below = match name {
                STRUCT | ELEMENTS => place.clone(),
                _ => place.clone().name(name),
            };
            match kind {
                ValidationErrorsKind::Field(list) => {
                    let violation = |error: &ValidationError| below.violation(error.code.clone(), detail(error));
                    self.violations.extend(list.iter().map(violation));
                }
                ValidationErrorsKind::Struct(errors) => self.errors(errors, &below),
                ValidationErrorsKind::List(list) => {
                    let names = self.names_in(&below);
                    for (&index, errors) in list {
                        let name = names.get(index).cloned().unwrap_or_else(|| index.to_string());
                        self.errors(errors, &below.clone().name(&name));
                    }
                }
            }
        }
    }

    /// The names in a map, in order; empty for anything else.
    fn names_in(&mut self, place: &RustPlace) -> Vec<String> {
        let find = |json: &mut Text<'_>| {
            let mut value = json.now(json.root());
            for token in place.path().tokens() {
                // An index and a name are found without looking at the others: this is done for each list in a list.
                let slot = match json.kind_of(value) {
                    Kind::Object => json.member_of(value, &token.name()).ok()?,
                    _ => json.element_of(value, token.name().parse().ok()?).ok()?,
                };
                value = json.now(slot?);
            }
            if json.kind_of(value) != Kind::Object {
                return None;
            }
            let slots = json.slots_of(value).ok()?;
            let names = slots.map(|slot| json.name_of(slot).into_owned());
            Some(names.filter(|name| place.may_hold(name)).collect())
        };
        self.json.as_mut().and_then(find).unwrap_or_default()
    }
}

/// The message of a rule. Where it has none, what `validator` has to say about it but for values.
fn detail(error: &ValidationError) -> Cow<'static, str> {
    if let Some(message) = &error.message {
        return message.clone();
    }
    let bounds =
        BOUNDS.iter().filter_map(|bound| Some((bound, error.params.get(*bound).filter(|value| value.is_number())?)));
    let bounds: Vec<String> = bounds.map(|(bound, value)| format!("{} {value}", bound.replace('_', " "))).collect();
    let rule = format!("the rule `{}` does not hold", error.code);
    if bounds.is_empty() { rule.into() } else { format!("{rule} ({})", bounds.join(", ")).into() }
}

/// The parameters of `length` and `range` that are no values of the entity.
const BOUNDS: [&str; 5] = ["equal", "min", "exclusive_min", "max", "exclusive_max"];
