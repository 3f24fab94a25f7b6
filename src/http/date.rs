//! The dates of HTTP's header fields (RFC 9110 section 5.6.7), in whole seconds, and the calendar that they need.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A date as HTTP writes it (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, in whole seconds.
///
/// It is read from any of the three forms that a recipient has to know, and always written in the first:
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
    /// The date of an instant, in seconds since 1970-01-01T00:00:00Z; `None` outside the years 0 to 9999.
    pub fn from_unix_seconds(unix_seconds: i64) -> Option<HttpDate> {
        let first = unix_seconds_of(0, 1, 1, 0);
        let end = unix_seconds_of(10_000, 1, 1, 0);
        (first..end).contains(&unix_seconds).then_some(HttpDate { unix_seconds })
    }

    /// The seconds since 1970-01-01T00:00:00Z, without leap seconds.
    pub fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }

    /// The date of a time, rounded down to whole seconds; `None` outside the years 0 to 9999.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// use entity_patch::http::HttpDate;
    ///
    /// let date = HttpDate::from_system_time(UNIX_EPOCH + Duration::from_millis(1_999)).expect("a year up to 9999");
    /// assert_eq!(date.to_string(), "Thu, 01 Jan 1970 00:00:01 GMT");
    /// assert_eq!(date.to_system_time(), Some(UNIX_EPOCH + Duration::from_secs(1)));
    /// ```
    pub fn from_system_time(time: SystemTime) -> Option<HttpDate> {
        let unix_seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).ok()?,
            Err(before) => {
                let before = before.duration();
                let partial = i64::from(before.subsec_nanos() > 0);
                -i64::try_from(before.as_secs()).ok()? - partial
            }
        };
        HttpDate::from_unix_seconds(unix_seconds)
    }

    /// The date as a time; `None` where the platform's clock does not reach that far.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let distance = Duration::from_secs(self.unix_seconds.unsigned_abs());
        match self.unix_seconds.is_negative() {
            true => UNIX_EPOCH.checked_sub(distance),
            false => UNIX_EPOCH.checked_add(distance),
        }
    }
}

const SECONDS_OF_A_DAY: i64 = 86_400;

/// The days of 400 years, after which the Gregorian calendar repeats.
const DAYS_OF_AN_ERA: i64 = 146_097;

/// From 0000-03-01 to 1970-01-01. Years are counted from March here, so that a leap day is the last of its year.
const DAYS_TO_1970: i64 = 719_468;

/// The seconds of a date of the Gregorian calendar. The month is 1 to 12.
const fn unix_seconds_of(year: i64, month: i64, day: i64, second_of_day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let year_of_era = year.rem_euclid(400);
    // Months from March on have 31, 30, 31, 30, 31 days, and again: 153 in five.
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = year.div_euclid(400) * DAYS_OF_AN_ERA + day_of_era - DAYS_TO_1970;
    days * SECONDS_OF_A_DAY + second_of_day
}

/// The year, the month and the day that are so many days after 1970-01-01: [`unix_seconds_of`] the other way round.
const fn civil_of(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let day_of_era = days.rem_euclid(DAYS_OF_AN_ERA);
    let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + days.div_euclid(DAYS_OF_AN_ERA) * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

impl fmt::Display for HttpDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.unix_seconds.div_euclid(SECONDS_OF_A_DAY);
        let second = self.unix_seconds.rem_euclid(SECONDS_OF_A_DAY);
        let (year, month, day) = civil_of(days);
        // 1970-01-01 was a Thursday. Both remainders are in range.
        let day_name = DAYS.get((days + 3).rem_euclid(7) as usize).map_or("", |name| &name[..3]);
        let month_name = MONTHS.get((month - 1) as usize).unwrap_or(&"");
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(formatter, "{day_name}, {day:02} {month_name} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
    }
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The three forms. A letter names a field, and every other character is itself: `W` is the name of a day, `w` its
/// first three letters, `d` a day, `b` a month's name, `Y` and `y` a year of four and of two digits, `t` the time.
const FORMS: [&str; 3] = ["w, d b Y t GMT", "W, d-b-y t GMT", "w b d t Y"];

impl FromStr for HttpDate {
    type Err = ParseHttpDateError;

    /// Reads one of the three forms. The name of the day may be another than the date's own, and a leap second is read
    /// as the second before it. A year of two digits is one of 1970 to 2069: a pure function has no today to count from.
    fn from_str(text: &str) -> Result<HttpDate, ParseHttpDateError> {
        let parsed = FORMS.iter().find_map(|form| DateFields::read(text, form));
        parsed.and_then(DateFields::into_date).ok_or(ParseHttpDateError(()))
    }
}

/// The fields of a date.
#[derive(Default)]
struct DateFields {
    year: i64,
    month: i64,
    day: i64,
    second_of_day: i64,
}

impl DateFields {
    fn read(text: &str, form: &str) -> Option<DateFields> {
        let mut fields = DateFields::default();
        let mut rest = text;
        for part in form.split_inclusive(|character: char| !character.is_ascii_alphabetic()) {
            let letters = part.trim_end_matches(|character: char| !character.is_ascii_alphabetic());
            rest = fields.read_part(rest, letters)?;
            rest = rest.strip_prefix(&part[letters.len()..])?;
        }
        rest.is_empty().then_some(fields)
    }

    /// Reads the field that some letters of a form name, and returns the text after it.
    fn read_part<'t>(&mut self, text: &'t str, letters: &str) -> Option<&'t str> {
        match letters {
            "W" => DAYS.iter().find_map(|day| text.strip_prefix(day)),
            "w" => DAYS.iter().find_map(|day| text.strip_prefix(&day[..3])),
            "b" => {
                let (month, rest) =
                    (1..).zip(MONTHS).find_map(|(number, name)| Some((number, text.strip_prefix(name)?)))?;
                self.month = month;
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
                self.day = day;
                Some(rest)
            }
            "t" => {
                let (hour, rest) = digits(text, 2)?;
                let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
                let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
                let is_valid = minute < 60 && second <= 60;
                self.second_of_day = hour * 3600 + minute * 60 + second.min(59);
                is_valid.then_some(rest)
            }
            _ => text.strip_prefix(letters),
        }
    }

    fn into_date(self) -> Option<HttpDate> {
        let seconds = unix_seconds_of(self.year, self.month, self.day, self.second_of_day);
        // A day that its month does not have is read as a day of the next month, and an hour that a day does not have as
        // one of the next day.
        let is_valid = civil_of(seconds.div_euclid(SECONDS_OF_A_DAY)) == (self.year, self.month, self.day);
        HttpDate::from_unix_seconds(seconds).filter(|_| is_valid)
    }
}

/// A number of so many digits, and the text after it.
fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let (digits, rest) = text.split_at_checked(count)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// The text is not a date of HTTP.
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
            ("Tuesday, 31-Dec-69 23:59:59 GMT", Some(3_155_759_999)),
            ("Thu Jan  1 00:00:00 1970", Some(0)),
            ("Sun Nov 16 08:49:37 1994", Some(784_975_777)),
            ("Sat, 01 Jan 0000 00:00:00 GMT", Some(-62_167_219_200)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799)),
            ("Thu, 29 Feb 2023 00:00:00 GMT", None),
            ("Thu, 29 Feb 1900 00:00:00 GMT", None),
            ("Tue, 29 Feb 2000 00:00:00 GMT", Some(951_782_400)),
            ("Thu, 31 Apr 2023 00:00:00 GMT", None),
            ("Thu, 00 Jan 1970 00:00:00 GMT", None),
            ("Thu, 32 Dec 1970 00:00:00 GMT", None),
            ("Fri, 01 Jan 1970 24:00:00 GMT", None),
            ("Thu, 01 Jan 1970 99:59:59 GMT", None),
            ("Thu, 01 Jan 1970 00:60:00 GMT", None),
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
    fn every_day_of_the_calendar_follows_the_one_before() {
        const LENGTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

        let (mut year, mut month, mut day) = (0, 1, 1);
        let mut days = unix_seconds_of(0, 1, 1, 0) / SECONDS_OF_A_DAY;
        // 1 January of the year 0 was a Saturday.
        let mut weekday = 5;
        // The calendar repeats after 400 years.
        while year < 801 {
            assert_eq!((civil_of(days), unix_seconds_of(year, month, day, 0)), ((year, month, day), days * 86_400));
            let date = HttpDate::from_unix_seconds(days * 86_400).expect("a year up to 9999");
            assert!(date.to_string().starts_with(&DAYS[weekday][..3]), "{date}");
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = LENGTHS[(month - 1) as usize] + i64::from(is_leap && month == 2);
            (days, weekday, day) = (days + 1, (weekday + 1) % 7, day + 1);
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }

    #[test]
    fn dates_outside_the_years_that_can_be_written_are_none() {
        for seconds in [i64::MIN, -62_167_219_201, 253_402_300_800, i64::MAX] {
            assert_eq!(HttpDate::from_unix_seconds(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn times_are_rounded_down() {
        let at = |milliseconds: i64| {
            let distance = Duration::from_millis(milliseconds.unsigned_abs());
            if milliseconds < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
        };
        for (milliseconds, seconds) in [(0, 0), (1_500, 1), (-1, -1), (-1_000, -1), (-1_500, -2)] {
            let date = HttpDate::from_system_time(at(milliseconds)).expect("a year up to 9999");
            assert_eq!(date.unix_seconds(), seconds, "{milliseconds}");
            assert_eq!(date.to_system_time(), Some(at(seconds * 1_000)), "{milliseconds}");
        }
    }
}
