//! The SuperOffice REST API: webhook registrations, the dates and states in them, and what a response shows.

mod date_time;
mod links;
mod object;
mod save;
mod select;
mod webhook;

pub use self::{
    date_time::{DateTime, ParseDateTimeError},
    links::Links,
    save::{Save, save},
    select::{Selection, represent},
    webhook::{Associate, ListItem, NameOrNumber, ParseWebhookStateError, Webhook, WebhookState},
};
