//! What the crate `garde` reports, as violations.

use crate::entity::{
    nested::Entity,
    policy::{Violation, Violations},
    rust_path::{INVALID, RustPlace},
};

impl Violations {
    /// What `garde` reports about an entity, each at its path in JSON. `garde` has no codes: each is `invalid`.
    ///
    /// The paths have the names of the tables, so the field of a nested entity has to be `nested`; below a member that no
    /// table governs, names stay as they are reported. What is wrong with a hidden member, or with a field that serde
    /// skips, is reported where it is, without its name and without the message.
    ///
    /// A message of one's own should not show a value. `garde` needs Rust 1.87.
    ///
    /// ```
    /// # #[cfg(feature = "derive")] {
    /// use entity_patch::{Entity, Policy, Violations};
    /// use garde::Validate;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, Serialize, Deserialize, Entity, Validate)]
    /// #[serde(rename_all = "camelCase")]
    /// struct User {
    ///     #[garde(length(min = 1))]
    ///     display_name: String,
    /// }
    ///
    /// struct Caller;
    ///
    /// impl Policy<User> for Caller {
    ///     fn validate(&self, _stored: &User, patched: &User) -> Result<(), Violations> {
    ///         patched.validate().map_err(|report| Violations::from_garde::<User>(&report))
    ///     }
    /// }
    ///
    /// let user = User { display_name: String::new() };
    /// let violations = Caller.validate(&user, &user).unwrap_err();
    /// assert_eq!(violations.to_string(), "at `/displayName`: length is lower than 1");
    /// # }
    /// ```
    pub fn from_garde<E: Entity>(report: &garde::Report) -> Violations {
        let violation = |(path, error): &(garde::Path, garde::Error)| -> Violation {
            let place = components(path).fold(RustPlace::root::<E>(), |place, component| place.name(&component));
            place.violation(INVALID.into(), error.message().to_owned().into())
        };
        report.iter().map(violation).collect()
    }
}

/// The components of a path, from its serialised form: `[["key", "phones"], ["index", "0"]]`. As text, `.` and `[` in the
/// names of a map would not be told from those between components.
fn components(path: &garde::Path) -> impl Iterator<Item = String> {
    let pairs: Vec<(String, String)> =
        serde_json::to_value(path).and_then(serde_json::from_value::<Vec<(String, String)>>).unwrap_or_default();
    pairs.into_iter().filter(|(kind, _)| kind != "none").map(|(_, component)| component)
}
