//! The SuperOffice REST API: webhook registrations, the dates and states in them, and what a response shows.

pub(crate) mod date_time;
mod links;
mod save;
mod select;
#[cfg(feature = "derive")]
mod webhook;

#[cfg(feature = "derive")]
pub use self::webhook::{Associate, ListItem, NameOrNumber, ParseWebhookStateError, Webhook, WebhookState};
pub use self::{
    date_time::{DateTime, ParseDateTimeError},
    links::Links,
    save::{Save, save},
    select::{Selection, represent},
};
