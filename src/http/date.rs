//! The dates of HTTP's headers (RFC 9110 section 5.6.7), in whole seconds.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, civil};

use crate::superoffice::DateTime;

/// A date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`, in whole seconds.
///
/// Read from any of the three forms that a recipient has to know, and always written in the first:
///
/// ```
/// use entity_patch::http::HttpDate;
///
/// for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
///     let date: HttpDate = text.parse()?;
///     assert_eq!(date.unix_seconds(), 784_111_777);
///     assert_eq!(date.to_string(), "Sun, 06 Nov 1994 08:49:37 GMT");
/// }
/// # Ok::<(), entity_patch::http::ParseHttpDateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HttpDate {
    /// Of the years 0 to 9999.
    unix_seconds: i64,
}

impl HttpDate {
    /// The date of a point in time, in seconds since 1970-01-01T00:00:00Z; `None` outside the years 0 to 9999.
    pub fn from_unix_seconds(unix_seconds: i64) -> Option<HttpDate> {
        let year = civil_of(unix_seconds)?.year();
        (0..=9999).contains(&year).then_some(HttpDate { unix_seconds })
    }

    /// The seconds since 1970-01-01T00:00:00Z, without leap seconds.
    pub fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }
}

/// Civil time reaches to the end of the year 9999, and jiff's timestamps do not.
const EPOCH: civil::DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

fn civil_of(unix_seconds: i64) -> Option<civil::DateTime> {
    EPOCH.checked_add(SignedDuration::from_secs(unix_seconds)).ok()
}

impl TryFrom<&DateTime> for HttpDate {
    type Error = ParseHttpDateError;

    /// Rounds down to whole seconds.
    fn try_from(date_time: &DateTime) -> Result<HttpDate, ParseHttpDateError> {
        HttpDate::from_unix_seconds(date_time.unix_seconds()).ok_or(ParseHttpDateError(()))
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = civil_of(self.unix_seconds).unwrap_or_default();
        let day_name = &DAYS[usize::from(civil.weekday().to_monday_zero_offset().unsigned_abs()) % DAYS.len()][..3];
        let month = MONTHS[usize::from(civil.month().unsigned_abs() - 1) % MONTHS.len()];
        write!(
            formatter,
            "{day_name}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
            civil.day(),
            civil.year(),
            civil.hour(),
            civil.minute(),
            civil.second()
        )
    }
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The three forms: letters stand for what is there, everything else for itself. `W` is the name of a day, `w` its
/// first three letters, `d` a day, `b` a month's name, `Y` and `y` a year of four and of two digits, `t` the time.
const FORMS: [&str; 3] = ["w, d b Y t GMT", "W, d-b-y t GMT", "w b d t Y"];

impl FromStr for HttpDate {
    type Err = ParseHttpDateError;

    /// Reads one of the three forms. A day's name that is not the date's own is let pass, and a leap second is the
    /// second before it. A year of two digits is one of 1970 to 2069: a pure function has no today to count from.
    fn from_str(text: &str) -> Result<HttpDate, ParseHttpDateError> {
        let parsed = FORMS.iter().find_map(|form| Fields::read(text, form));
        let date = parsed.and_then(Fields::into_date).ok_or(ParseHttpDateError(()))?;
        Ok(date)
    }
}

/// What a date consists of.
#[derive(Default)]
struct Fields {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
}

impl Fields {
    fn read(text: &str, form: &str) -> Option<Fields> {
        let mut fields = Fields::default();
        let mut rest = text;
        for part in form.split_inclusive(|character: char| !character.is_ascii_alphabetic()) {
            let letters = part.trim_end_matches(|character: char| !character.is_ascii_alphabetic());
            rest = fields.read_part(rest, letters)?;
            rest = rest.strip_prefix(&part[letters.len()..])?;
        }
        rest.is_empty().then_some(fields)
    }

    /// Reads what some letters of a form stand for, and returns the text behind it.
    fn read_part<'t>(&mut self, text: &'t str, letters: &str) -> Option<&'t str> {
        match letters {
            "W" => DAYS.iter().find_map(|day| text.strip_prefix(day)),
            "w" => DAYS.iter().find_map(|day| text.strip_prefix(&day[..3])),
            "b" => {
                let (index, rest) =
                    MONTHS.iter().enumerate().find_map(|(index, month)| Some((index, text.strip_prefix(month)?)))?;
                self.month = i8::try_from(index).ok()? + 1;
                Some(rest)
            }
            "Y" => {
                let (year, rest) = digits(text, 4)?;
                self.year = year;
                Some(rest)
            }
            "y" => {
                let (year, rest) = digits(text, 2)?;
                self.year = year + if year < 70 { 2000 } else { 1900 };
                Some(rest)
            }
            "d" => {
                // The third form pads a day with a space.
                let (day, rest) = match text.strip_prefix(' ') {
                    Some(text) => digits(text, 1)?,
                    None => digits(text, 2)?,
                };
                self.day = i8::try_from(day).ok()?;
                Some(rest)
            }
            "t" => {
                let (hour, rest) = digits(text, 2)?;
                let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
                let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
                self.hour = i8::try_from(hour).ok()?;
                self.minute = i8::try_from(minute).ok()?;
                self.second = i8::try_from(if second == 60 { 59 } else { second }).ok()?;
                Some(rest)
            }
            _ => text.strip_prefix(letters),
        }
    }

    fn into_date(self) -> Option<HttpDate> {
        let civil =
            civil::DateTime::new(self.year, self.month, self.day, self.hour, self.minute, self.second, 0).ok()?;
        HttpDate::from_unix_seconds(civil.duration_since(EPOCH).as_secs())
    }
}

/// A number of so many digits, and the text behind it.
fn digits(text: &str, count: usize) -> Option<(i16, &str)> {
    let (digits, rest) = text.split_at_checked(count)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// A text that is not a date of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a date of the form `Sun, 06 Nov 1994 08:49:37 GMT`")]
pub struct ParseHttpDateError(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_are_read_and_one_is_written() {
        let rows = [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Fri, 01 Jan 1960 00:00:00 GMT", Some(-315_619_200)),
            ("Thu, 29 Feb 2024 23:59:60 GMT", Some(1_709_251_199)),
            ("Mon, 29 Feb 2024 00:00:00 GMT", Some(1_709_164_800)),
            ("Saturday, 01-Jan-00 00:00:00 GMT", Some(946_684_800)),
            ("Thursday, 01-Jan-70 00:00:00 GMT", Some(0)),
            ("Thu Jan  1 00:00:00 1970", Some(0)),
            ("Sun Nov 16 08:49:37 1994", Some(784_975_777)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799)),
            ("Thu, 29 Feb 2023 00:00:00 GMT", None),
            ("Thu, 01 Jan 1970 24:00:00 GMT", None),
            ("Thu, 01 Jan 1970 00:00:61 GMT", None),
            ("Thu, 01 Jan 1970 00:00:00 UTC", None),
            ("Thu, 01 Jan 1970 00:00:00", None),
            ("Thu, 01 Jan 1970 00:00:00 GMT ", None),
            ("Thu, 1 Jan 1970 00:00:00 GMT", None),
            ("Thu, +1 Jan 1970 00:00:00 GMT", None),
            ("01 Jan 1970 00:00:00 GMT", None),
            ("1970-01-01T00:00:00Z", None),
            ("Thu, 0\u{e9} Jan 1970", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let parsed = text.parse::<HttpDate>().ok();
            assert_eq!(parsed.map(|date| date.unix_seconds()), expected, "{text}");
            if let Some(date) = parsed {
                assert_eq!(date.to_string().parse::<HttpDate>(), Ok(date), "{text}");
            }
        }
    }

    #[test]
    fn dates_outside_the_years_that_can_be_written_are_none() {
        for seconds in [i64::MIN, i64::MAX, 253_402_300_800] {
            assert_eq!(HttpDate::from_unix_seconds(seconds), None, "{seconds}");
        }
    }
}
