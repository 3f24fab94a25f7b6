//! The stamps that the server puts on an entity: never earlier than the one before.

use std::hash::{BuildHasher, RandomState};

use entity_patch::superoffice::DateTime;
use jiff::{Timestamp, civil, tz::Offset};

/// Now, or the stamp that is there already where the clock is earlier.
pub fn stamp(previous: Option<&DateTime>) -> DateTime {
    later(previous, Timestamp::now())
}

/// As [`stamp`], at another time.
pub fn later(previous: Option<&DateTime>, now: Timestamp) -> DateTime {
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

/// The stamp of a stored webhook.
pub fn updated(json: &[u8]) -> Option<DateTime> {
    #[derive(serde::Deserialize)]
    struct Stamps {
        #[serde(rename = "Updated")]
        updated: Option<DateTime>,
    }

    serde_json::from_slice::<Stamps>(json).ok()?.updated
}

/// A number that tells this process from others in a log.
pub fn process_id() -> u32 {
    RandomState::new().hash_one(std::process::id()) as u32
}
