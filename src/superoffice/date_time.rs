//! A date and time as the API writes it, kept as the text that it came with.

use std::{fmt, str::FromStr};

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::http::HttpDate;

/// A date and time: `2017-06-06T18:25:51.5641207+02:00`, with 0 to 7 fraction digits, with an offset (`Z` or `±HH:MM`)
/// or without one, which means UTC. It keeps the text that it came with.
///
/// ```
/// use entity_patch::superoffice::DateTime;
///
/// let stamp: DateTime = "2017-06-06T18:25:51.5641207+02:00".parse()?;
/// assert_eq!(stamp.unix_seconds(), 1_496_766_351);
/// assert_eq!(stamp.as_str(), "2017-06-06T18:25:51.5641207+02:00");
/// # Ok::<(), entity_patch::superoffice::ParseDateTimeError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DateTime {
    text: String,
    unix_seconds: i64,
}

impl DateTime {
    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The whole seconds since 1970-01-01T00:00:00Z, without leap seconds, rounded down.
    pub fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }
}

impl FromStr for DateTime {
    type Err = ParseDateTimeError;

    fn from_str(text: &str) -> Result<DateTime, ParseDateTimeError> {
        let unix_seconds = unix_seconds(text).ok_or(ParseDateTimeError(()))?;
        Ok(DateTime { text: text.to_owned(), unix_seconds })
    }
}

/// Reads a text over civil time, which reaches to the last tick of the year 9999; jiff's timestamps end before it.
fn unix_seconds(text: &str) -> Option<i64> {
    const EPOCH: civil::DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

    let (civil, offset_seconds) = split_offset(text)?;
    let civil: civil::DateTime = civil.parse().ok()?;
    let nanoseconds = civil.duration_since(EPOCH).as_nanos();
    Some(i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok()? - offset_seconds)
}

/// The text without its offset, and the offset in seconds. The underlying parser reads more forms than the API
/// writes: only its own go through.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    let is_like = |text: &[u8], pattern: &[u8]| {
        text.len() == pattern.len()
            && text.iter().zip(pattern).all(|(byte, pattern)| match pattern {
                b'0' => byte.is_ascii_digit(),
                _ => byte == pattern,
            })
    };
    let (date_time, mut rest) = text.as_bytes().split_at_checked(19)?;
    if !is_like(date_time, b"0000-00-00T00:00:00") {
        return None;
    }
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=7).contains(&digits) {
            return None;
        }
        rest = &fraction[digits..];
    }
    let civil = &text[..text.len() - rest.len()];
    match rest {
        b"" | b"Z" => Some((civil, 0)),
        _ if is_like(rest, b"+00:00") || is_like(rest, b"-00:00") => {
            let digit = |index: usize| i64::from(rest[index] - b'0');
            let (hours, minutes) = (10 * digit(1) + digit(2), 10 * digit(4) + digit(5));
            let seconds = hours * 3600 + minutes * 60;
            (hours < 24 && minutes < 60).then_some((civil, if rest[0] == b'-' { -seconds } else { seconds }))
        }
        _ => None,
    }
}

impl TryFrom<&DateTime> for HttpDate {
    type Error = ParseDateTimeError;

    /// Rounds down to whole seconds. The instant has to be one of the years 0 to 9999 in UTC.
    fn try_from(date_time: &DateTime) -> Result<HttpDate, ParseDateTimeError> {
        HttpDate::from_unix_seconds(date_time.unix_seconds()).ok_or(ParseDateTimeError(()))
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DateTime, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A text that is not a date and time of this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a date and time of the form 2017-06-06T18:25:51.5641207+02:00")]
pub struct ParseDateTimeError(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_forms_of_the_api_are_read() {
        let rows = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T00:00:00", Some(0)),
            ("1970-01-01T01:00:00.5+01:00", Some(0)),
            ("1969-12-31T23:59:59.9999999", Some(-1)),
            ("2024-02-29T12:00:00-05:30", Some(1_709_227_800)),
            ("0001-01-01T00:00:00", Some(-62_135_596_800)),
            ("0001-01-01T00:00:00+14:00", Some(-62_135_647_200)),
            ("9999-12-31T23:59:59.9999999", Some(253_402_300_799)),
            ("9999-12-31T23:59:59.9999999-12:00", Some(253_402_343_999)),
            ("2024-01-01T12:00:00+24:00", None),
            ("2024-01-01T12:00:00+01:60", None),
            ("2024-01-01T12:00:60Z", Some(1_704_110_459)),
            ("2023-02-29T12:00:00Z", None),
            ("2024-13-01T12:00:00Z", None),
            ("2024-01-01T25:00:00Z", None),
            ("2024-01-01T12:00:00.Z", None),
            ("2024-01-01T12:00:00.12345678Z", None),
            ("2024-01-01 12:00:00Z", None),
            ("2024-01-01T12:00:00z", None),
            ("2024-01-01T12:00Z", None),
            ("2024-01-01T12:00:00+0100", None),
            ("2024-01-01T12:00:00+01:00[Europe/Oslo]", None),
            ("2024-01-01", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let parsed = text.parse::<DateTime>().ok();
            assert_eq!(parsed.as_ref().map(DateTime::unix_seconds), expected, "{text}");
            assert!(parsed.is_none_or(|parsed| parsed.as_str() == text), "{text}");
        }
    }
}
