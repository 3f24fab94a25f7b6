//! How a client wants a change to be carried out and answered (RFC 7240).

use crate::{
    dialect::{Dialect, UnknownMembers},
    http::field_value::{parameter, split},
};

/// The preferences of a request (RFC 7240): the values of its `Prefer` header field that this crate knows.
///
/// Names and values are read in any case, and other preferences and parameters are ignored. Of several instances of one
/// preference the first counts (section 2).
///
/// ```
/// use entity_patch::{Dialect, UnknownMembers, http::{HandlingPreference, Preferences, ReturnPreference}};
///
/// let preferences = Preferences::from_lines(["respond-async, Return=\"minimal\"; why=small", "handling=lenient"]);
/// assert_eq!(preferences.returning, Some(ReturnPreference::Minimal));
/// assert_eq!(preferences.handling, Some(HandlingPreference::Lenient));
/// assert_eq!(preferences.dialect(&Dialect::RFC).unknown_members, UnknownMembers::Ignore);
/// assert_eq!(preferences.applied(), Some("return=minimal, handling=lenient"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preferences {
    /// `return`
    pub returning: Option<ReturnPreference>,
    /// `handling`
    pub handling: Option<HandlingPreference>,
}

/// What the answer to a change holds (RFC 7240 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReturnPreference {
    /// `return=minimal`: nothing, 204.
    Minimal,
    /// `return=representation`: the entity, 200. It is what happens without this preference, too.
    Representation,
}

/// What becomes of members that the entity does not have (RFC 7240 section 4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandlingPreference {
    /// `handling=lenient`: [`UnknownMembers::Ignore`].
    Lenient,
    /// `handling=strict`: [`UnknownMembers::Reject`].
    Strict,
}

impl Preferences {
    /// Reads the lines of `Prefer`.
    pub fn from_lines<'h>(lines: impl IntoIterator<Item = &'h str>) -> Preferences {
        let mut reading = PreferenceLines::default();
        lines.into_iter().for_each(|line| reading.read(line));
        reading.preferences()
    }

    /// Whether the client prefers an answer without the entity.
    pub fn is_minimal(&self) -> bool {
        self.returning == Some(ReturnPreference::Minimal)
    }

    /// A dialect under which the change is handled as the client prefers.
    pub fn dialect(&self, dialect: &Dialect) -> Dialect {
        let unknown_members = match self.handling {
            Some(HandlingPreference::Lenient) => UnknownMembers::Ignore,
            Some(HandlingPreference::Strict) => UnknownMembers::Reject,
            None => dialect.unknown_members,
        };
        Dialect { unknown_members, ..dialect.clone() }
    }

    /// The value of `Preference-Applied` (section 3) for a server that honours them; `None` where there are none.
    pub fn applied(&self) -> Option<&'static str> {
        use HandlingPreference::{Lenient, Strict};
        use ReturnPreference::{Minimal, Representation};

        match (self.returning, self.handling) {
            (None, None) => None,
            (Some(Minimal), None) => Some("return=minimal"),
            (Some(Representation), None) => Some("return=representation"),
            (None, Some(Lenient)) => Some("handling=lenient"),
            (None, Some(Strict)) => Some("handling=strict"),
            (Some(Minimal), Some(Lenient)) => Some("return=minimal, handling=lenient"),
            (Some(Minimal), Some(Strict)) => Some("return=minimal, handling=strict"),
            (Some(Representation), Some(Lenient)) => Some("return=representation, handling=lenient"),
            (Some(Representation), Some(Strict)) => Some("return=representation, handling=strict"),
        }
    }
}

/// The preferences, line by line. The first instance of a preference counts also where its value is not known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PreferenceLines {
    returning: Option<Option<ReturnPreference>>,
    handling: Option<Option<HandlingPreference>>,
}

impl PreferenceLines {
    /// Reads a line of `Prefer`.
    pub(super) fn read(&mut self, line: &str) {
        for preference in split(line, ',').filter_map(|preference| split(preference, ';').next()) {
            let (name, value) = parameter(preference).unwrap_or((preference, "".into()));
            if name.eq_ignore_ascii_case("return") {
                self.returning.get_or_insert(match value {
                    _ if value.eq_ignore_ascii_case("minimal") => Some(ReturnPreference::Minimal),
                    _ if value.eq_ignore_ascii_case("representation") => Some(ReturnPreference::Representation),
                    _ => None,
                });
            } else if name.eq_ignore_ascii_case("handling") {
                self.handling.get_or_insert(match value {
                    _ if value.eq_ignore_ascii_case("lenient") => Some(HandlingPreference::Lenient),
                    _ if value.eq_ignore_ascii_case("strict") => Some(HandlingPreference::Strict),
                    _ => None,
                });
            }
        }
    }

    pub(super) fn preferences(&self) -> Preferences {
        Preferences { returning: self.returning.flatten(), handling: self.handling.flatten() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_instance_of_a_preference_counts() {
        for (lines, expected) in [
            (&["return=minimal"][..], Some("return=minimal")),
            (&["wait=10, Return=\"MINIMAL\"; why=small"], Some("return=minimal")),
            (&["respond-async", "return = minimal"], Some("return=minimal")),
            (&["return=representation", "return=minimal"], Some("return=representation")),
            (&["return=most, return=minimal"], None),
            (&["return, return=minimal"], None),
            (&["return"], None),
            (&["note=\"a, return=minimal\""], None),
            (&["note=\"a, \\\", return=minimal\", return=minimal"], Some("return=minimal")),
            (&["note=\"return=representation, \\\"\"; a=\",\", return=minimal; b=\";\""], Some("return=minimal")),
            (&["note=\\, return=\"minimal\""], Some("return=minimal")),
            (&["return=\"min\\imal\""], Some("return=minimal")),
            (&["return=\"minimal"], None),
            (&["handling=strict"], Some("handling=strict")),
            (&["handling=firm, handling=strict"], None),
            (&["HANDLING=lenient;x, handling=strict"], Some("handling=lenient")),
            (&["handling=lenient", "return=representation"], Some("return=representation, handling=lenient")),
            (&["handling=strict, return=minimal"], Some("return=minimal, handling=strict")),
            (&[], None),
        ] {
            assert_eq!(Preferences::from_lines(lines.iter().copied()).applied(), expected, "{lines:?}");
        }
    }
}
