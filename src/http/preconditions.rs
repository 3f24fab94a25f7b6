//! Whether a request may go on, given the resource as it is now (RFC 9110 section 13): which preconditions there are,
//! and in which order they are asked.

use crate::http::{
    date::HttpDate,
    entity_tag::{EntityTag, Tags},
};

/// What tells one version of a resource from another (RFC 9110 section 8.8).
///
/// Two versions of one second have the same date. Whoever writes on a date alone may miss the second of them; a tag tells
/// them apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Validators {
    /// The tags of its representations, any of which a write may name; for a read, the one that is selected.
    pub tags: Vec<EntityTag>,
    /// When it was last modified, where that is known.
    pub last_modified: Option<HttpDate>,
}

impl Validators {
    /// Tags and a date.
    ///
    /// ```
    /// use entity_patch::http::{EntityTag, Validators};
    ///
    /// let validators = Validators::new([EntityTag::of_version(7)], "Sun, 06 Nov 1994 08:49:37 GMT".parse().ok());
    /// assert_eq!(validators.tags[0].to_string(), r#""7""#);
    /// ```
    pub fn new(tags: impl IntoIterator<Item = EntityTag>, last_modified: Option<HttpDate>) -> Validators {
        Validators { tags: tags.into_iter().collect(), last_modified }
    }

    /// The tag of a version, and no date.
    pub fn of_version(version: u64) -> Validators {
        Validators::new([EntityTag::of_version(version)], None)
    }
}

/// Whether a request reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// GET and HEAD.
    Read,
    /// PUT, PATCH and every other method.
    Write,
}

/// What follows from the preconditions of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// They hold, or there are none.
    Proceed,
    /// 304: the client has this representation already.
    NotModified,
    /// 412: one does not hold.
    Failed,
    /// 428: the server requires one, and there is none.
    Required,
}

/// The preconditions of a request (RFC 9110 section 13.1): `If-Match`, `If-Unmodified-Since`, `If-None-Match` and
/// `If-Modified-Since`.
///
/// ```
/// use entity_patch::http::{Preconditions, Validators};
///
/// let preconditions = Preconditions::from_headers([("if-match", r#""6", "7""#.as_bytes())]);
/// assert!(preconditions.check(&Validators::of_version(7)).is_ok());
/// assert_eq!(preconditions.check(&Validators::of_version(8)).unwrap_err().status(), 412);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
    if_unmodified_since: Since,
    if_modified_since: Since,
    is_required: bool,
}

/// The value of `If-Unmodified-Since` or `If-Modified-Since`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Since {
    #[default]
    Absent,
    Date(HttpDate),
    /// Not a date, or more than one line: it is ignored (RFC 9110 sections 13.1.3 and 13.1.4).
    Ignored,
}

impl Since {
    fn read(self, line: &[u8]) -> Since {
        let text = std::str::from_utf8(line.trim_ascii()).ok();
        match (self, text.and_then(|text| text.parse().ok())) {
            (Since::Absent, Some(date)) => Since::Date(date),
            (Since::Absent | Since::Date(_) | Since::Ignored, _) => Since::Ignored,
        }
    }

    fn date(self) -> Option<HttpDate> {
        match self {
            Since::Date(date) => Some(date),
            Since::Absent | Since::Ignored => None,
        }
    }
}

impl Preconditions {
    /// Takes the preconditions out of a request's header lines, names in any case. Other lines are skipped.
    ///
    /// Several lines of tags are one list. A malformed list names no tag, so that `If-Match: 7`, which forgot the quotes,
    /// fails and does not write. A malformed date is ignored.
    pub fn from_headers<'h>(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Preconditions {
        let mut preconditions = Preconditions::default();
        headers.into_iter().for_each(|(name, value)| preconditions.read(name, value));
        preconditions
    }

    /// Reads one header line, where it is a precondition.
    pub(super) fn read(&mut self, name: &str, value: &[u8]) {
        if name.eq_ignore_ascii_case("if-match") {
            self.if_match = Some(Tags::read(self.if_match.take(), value));
        } else if name.eq_ignore_ascii_case("if-none-match") {
            self.if_none_match = Some(Tags::read(self.if_none_match.take(), value));
        } else if name.eq_ignore_ascii_case("if-unmodified-since") {
            self.if_unmodified_since = self.if_unmodified_since.read(value);
        } else if name.eq_ignore_ascii_case("if-modified-since") {
            self.if_modified_since = self.if_modified_since.read(value);
        }
    }

    /// Requires a precondition: the server answers a write without one with 428 (RFC 6585 section 3), so that no
    /// client overwrites what it has not seen.
    ///
    /// A write to a resource that exists needs `If-Match`, or `If-Unmodified-Since` where the resource has a date; a
    /// write that creates one needs `If-None-Match`.
    ///
    /// ```
    /// use entity_patch::http::{Preconditions, Validators};
    ///
    /// let preconditions = Preconditions::from_headers([]).required();
    /// assert_eq!(preconditions.check(&Validators::of_version(7)).unwrap_err().status(), 428);
    /// ```
    pub fn required(self) -> Preconditions {
        Preconditions { is_required: true, ..self }
    }

    /// Whether the request goes on. `None` is a resource that does not exist yet.
    ///
    /// The order is that of RFC 9110 section 13.2.2:
    ///
    /// 1. `If-Match`, by strong comparison, where `*` is any resource that exists;
    /// 2. without it `If-Unmodified-Since`, ignored where the resource has no date;
    /// 3. `If-None-Match`, by weak comparison: a match is 304 for a read and 412 for a write;
    /// 4. without it `If-Modified-Since`, for a read: 304 where the resource is not newer.
    ///
    /// ```
    /// use entity_patch::http::{Outcome, Preconditions, Purpose, Validators};
    ///
    /// let preconditions = Preconditions::from_headers([("If-None-Match", r#""7""#.as_bytes())]);
    /// let current = Validators::of_version(7);
    /// assert_eq!(preconditions.evaluate(Purpose::Read, Some(&current)), Outcome::NotModified);
    /// assert_eq!(preconditions.evaluate(Purpose::Write, Some(&current)), Outcome::Failed);
    /// assert_eq!(preconditions.evaluate(Purpose::Write, None), Outcome::Proceed);
    /// ```
    pub fn evaluate(&self, purpose: Purpose, current: Option<&Validators>) -> Outcome {
        let meets = |tags: &Tags, equal: fn(&EntityTag, &EntityTag) -> bool| match (tags, current) {
            (_, None) | (Tags::Malformed, _) => false,
            (Tags::Any, Some(_)) => true,
            (Tags::List(wanted), Some(current)) => {
                wanted.iter().any(|wanted| current.tags.iter().any(|tag| equal(wanted, tag)))
            }
        };
        let last_modified = current.and_then(|current| current.last_modified);
        // Whether the resource is the version that the client means, and not one that it has; `None` says nothing of it.
        let is_meant = match (&self.if_match, self.if_unmodified_since.date(), last_modified) {
            (Some(tags), _, _) => Some(meets(tags, EntityTag::equals_strongly)),
            (None, Some(date), Some(last_modified)) => Some(last_modified <= date),
            (None, None, _) | (None, _, None) => None,
        };
        let is_known = match (&self.if_none_match, purpose, self.if_modified_since.date(), last_modified) {
            (Some(tags), _, _, _) => meets(tags, EntityTag::equals_weakly),
            (None, Purpose::Read, Some(date), Some(last_modified)) => last_modified <= date,
            (None, Purpose::Read | Purpose::Write, _, _) => false,
        };
        let is_guarded = match current {
            Some(_) => is_meant.is_some(),
            None => self.if_match.is_some() || self.if_none_match.is_some(),
        };
        match purpose {
            Purpose::Read | Purpose::Write if is_meant == Some(false) => Outcome::Failed,
            Purpose::Read if is_known => Outcome::NotModified,
            Purpose::Write if is_known => Outcome::Failed,
            Purpose::Write if self.is_required && !is_guarded => Outcome::Required,
            Purpose::Read | Purpose::Write => Outcome::Proceed,
        }
    }

    /// As [`Preconditions::evaluate`], for a write to a resource that exists.
    ///
    /// # Errors
    ///
    /// - 412: a precondition does not hold.
    /// - 428: the server requires one, and there is none.
    pub fn check(&self, current: &Validators) -> Result<(), PreconditionError> {
        match self.evaluate(Purpose::Write, Some(current)) {
            Outcome::Proceed => Ok(()),
            Outcome::NotModified | Outcome::Failed => Err(PreconditionError::Failed),
            Outcome::Required => Err(PreconditionError::Required),
        }
    }
}

/// The preconditions of a request do not let it go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PreconditionError {
    /// RFC 9110 section 15.5.13.
    #[error("the entity has changed, or is not the one that the preconditions name")]
    Failed,
    /// RFC 6585 section 3.
    #[error("a change needs `If-Match` with the tag of the entity that it is about")]
    Required,
}

impl PreconditionError {
    /// 412 or 428.
    pub fn status(&self) -> u16 {
        match self {
            PreconditionError::Failed => 412,
            PreconditionError::Required => 428,
        }
    }

    /// `precondition-failed` or `precondition-required`.
    pub fn code(&self) -> &'static str {
        match self {
            PreconditionError::Failed => "precondition-failed",
            PreconditionError::Required => "precondition-required",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
    const BEFORE: &str = "Sun, 31 Dec 2023 23:59:59 GMT";
    const AFTER: &str = "Mon, 01 Jan 2024 00:00:01 GMT";

    /// The resource: version 7 as JSON and as XML, last modified in the first second of 2024.
    fn current() -> Validators {
        let tags = [r#""7""#, r#""7-xml""#].map(|tag| tag.parse().unwrap());
        Validators::new(tags, AT.parse().ok())
    }

    fn read(headers: &[(&'static str, &'static str)]) -> Preconditions {
        Preconditions::from_headers(headers.iter().map(|(name, value)| (*name, value.as_bytes())))
    }

    #[test]
    fn a_write_goes_on_where_its_preconditions_hold() {
        /// Header lines, and whether they hold.
        type Row<'r> = (&'r [(&'static str, &'static str)], bool);

        let rows: [Row<'_>; 29] = [
            (&[], true),
            (&[("If-Match", r#""7""#)], true),
            (&[("if-match", r#""7-xml""#)], true),
            (&[("If-Match", r#""6", "7""#)], true),
            (&[("If-Match", r#","6",, "7","#)], true),
            (&[("If-Match", r#""6""#), ("If-Match", r#""7""#)], true),
            (&[("If-Match", "*")], true),
            (&[("If-Match", r#""6""#)], false),
            (&[("If-Match", r#"W/"7""#)], false),
            (&[("If-Match", "7")], false),
            (&[("If-Match", r#""7" "8""#)], false),
            (&[("If-Match", r#""7", 8"#)], false),
            (&[("If-Match", r#""7""#), ("If-Match", "8")], false),
            (&[("If-Match", "8"), ("If-Match", r#""7""#)], false),
            (&[("If-Match", r#""6,"7""#)], false),
            (&[("If-Match", "")], false),
            (&[("If-Match", r#"*, "7""#)], false),
            (&[("If-Match", "*"), ("If-Match", r#""7""#)], false),
            (&[("If-Match", r#""7""#), ("If-Match", "*")], false),
            (&[("If-Unmodified-Since", AT)], true),
            (&[("If-Unmodified-Since", BEFORE)], false),
            (&[("If-Unmodified-Since", "yesterday")], true),
            (&[("If-Unmodified-Since", BEFORE), ("If-Unmodified-Since", BEFORE)], true),
            (&[("If-Match", r#""7""#), ("If-Unmodified-Since", BEFORE)], true),
            (&[("If-Match", r#""6""#), ("If-Unmodified-Since", AT)], false),
            (&[("If-None-Match", "*")], false),
            (&[("If-None-Match", r#"W/"7""#)], false),
            (&[("If-None-Match", r#""6""#)], true),
            (&[("If-Modified-Since", AT)], true),
        ];
        for (headers, expected) in rows {
            assert_eq!(read(headers).check(&current()).is_ok(), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_read_is_answered_with_304_where_the_client_has_the_version() {
        use Outcome::{Failed, NotModified, Proceed};

        /// Header lines, and what follows from them.
        type Row<'r> = (&'r [(&'static str, &'static str)], Outcome);

        let rows: [Row<'_>; 13] = [
            (&[], Proceed),
            (&[("If-None-Match", r#""7""#)], NotModified),
            (&[("If-None-Match", "*")], NotModified),
            (&[("If-None-Match", r#""6""#)], Proceed),
            (&[("If-Modified-Since", AT)], NotModified),
            (&[("If-Modified-Since", AFTER)], NotModified),
            (&[("If-Modified-Since", BEFORE)], Proceed),
            (&[("If-Modified-Since", "today")], Proceed),
            (&[("If-Modified-Since", AT), ("If-Modified-Since", AT)], Proceed),
            (&[("If-None-Match", r#""6""#), ("If-Modified-Since", AT)], Proceed),
            (&[("If-Match", r#""7""#), ("If-Modified-Since", AT)], NotModified),
            (&[("If-Match", r#""6""#), ("If-Modified-Since", AT)], Failed),
            (&[("If-Unmodified-Since", BEFORE), ("If-None-Match", r#""7""#)], Failed),
        ];
        for (headers, expected) in rows {
            let preconditions = read(headers).required();
            assert_eq!(preconditions.evaluate(Purpose::Read, Some(&current())), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_write_without_a_guard_is_refused_where_one_is_required() {
        use Outcome::{Failed, Proceed, Required};

        /// Header lines, and what follows where the resource has a date, has none, and does not exist yet.
        type Row<'r> = (&'r [(&'static str, &'static str)], [Outcome; 3]);

        let undated = Validators::of_version(7);
        let rows: [Row<'_>; 7] = [
            (&[], [Required, Required, Required]),
            (&[("If-Match", "*")], [Proceed, Proceed, Failed]),
            (&[("If-Match", r#""6""#)], [Failed, Failed, Failed]),
            (&[("If-Unmodified-Since", AT)], [Proceed, Required, Required]),
            (&[("If-Unmodified-Since", "now")], [Required, Required, Required]),
            (&[("If-None-Match", r#""6""#)], [Required, Required, Proceed]),
            (&[("If-None-Match", "*")], [Failed, Failed, Proceed]),
        ];
        for (headers, expected) in rows {
            let preconditions = read(headers).required();
            let states = [Some(&current()), Some(&undated), None];
            let outcomes = states.map(|state| preconditions.evaluate(Purpose::Write, state));
            assert_eq!(outcomes, expected, "{headers:?}");
        }
    }

    #[test]
    fn without_a_resource_or_a_date_the_other_preconditions_decide() {
        let rows = [
            (("If-Match", "*"), false),
            (("If-None-Match", "*"), true),
            (("If-Unmodified-Since", BEFORE), true),
            (("If-Modified-Since", AT), true),
        ];
        for (header, expected) in rows {
            let outcome = read(&[header]).evaluate(Purpose::Write, None);
            assert_eq!(outcome == Outcome::Proceed, expected, "{header:?}");
        }
    }

    #[test]
    fn a_tag_that_is_not_ascii_is_compared_by_its_bytes() {
        let preconditions = Preconditions::from_headers([("If-Match", b"\"\xE9\"".as_slice())]);
        assert!(preconditions.check(&current()).is_err());
    }

    /// 200,000 lines: a second where each line copies the list before it.
    #[test]
    fn lines_are_read_in_linear_time() {
        let lines = std::iter::repeat_n(("If-Match", br#""1","2","3""#.as_slice()), 200_000);
        let preconditions = Preconditions::from_headers(lines.chain([("If-Match", b"\"7\"".as_slice())]));
        assert!(preconditions.check(&current()).is_ok());
    }
}
