//! The stamps that the server puts on an entity: never earlier than the one before.

use entity_patch::superoffice::DateTime;
use jiff::{Timestamp, civil, tz::Offset};

/// Now, or the stamp that is there already where the clock is behind it.
pub fn stamp(previous: Option<&DateTime>) -> DateTime {
    later(previous, Timestamp::now())
}

/// The seconds since 1970-01-01T00:00:00Z.
pub fn unix_seconds() -> i64 {
    Timestamp::now().as_second()
}

fn later(previous: Option<&DateTime>, now: Timestamp) -> DateTime {
    match previous {
        Some(previous) if instant(previous).is_none_or(|previous| previous > Offset::UTC.to_datetime(now)) => {
            previous.clone()
        }
        Some(_) | None => {
            let text = format!("{now:.7}");
            text.parse().expect("a timestamp with 7 fraction digits is a date-time of the API")
        }
    }
}

/// The instant as civil time in UTC; `None` where it lies outside the years that can be told.
fn instant(date_time: &DateTime) -> Option<civil::DateTime> {
    let text = date_time.as_str();
    let has_offset = text.ends_with('Z') || text[19..].contains(['+', '-']);
    match has_offset {
        true => text.parse::<Timestamp>().ok().map(|timestamp| Offset::UTC.to_datetime(timestamp)),
        false => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_never_earlier_than_the_one_before() {
        let now: Timestamp = "2024-01-01T12:00:00.5Z".parse().unwrap();
        let rows = [
            (None, "2024-01-01T12:00:00.5000000Z"),
            (Some("2024-01-01T12:00:00.4999999Z"), "2024-01-01T12:00:00.5000000Z"),
            (Some("2024-01-01T12:00:00.5000001"), "2024-01-01T12:00:00.5000001"),
            (Some("2024-01-01T13:00:00.4+01:00"), "2024-01-01T12:00:00.5000000Z"),
            (Some("2024-01-01T13:00:00.6+01:00"), "2024-01-01T13:00:00.6+01:00"),
            (Some("9999-12-31T23:59:59.9999999"), "9999-12-31T23:59:59.9999999"),
            (Some("9999-12-31T23:59:59Z"), "9999-12-31T23:59:59Z"),
            (Some("0001-01-01T00:00:00"), "2024-01-01T12:00:00.5000000Z"),
        ];
        for (previous, expected) in rows {
            let previous = previous.map(|text| text.parse().unwrap());
            assert_eq!(later(previous.as_ref(), now).as_str(), expected, "{previous:?}");
        }
    }
}
