//! The SuperOffice REST API: webhook registrations, the dates and states in them, and what a response shows.

pub(crate) mod date_time;
mod links;
mod select;
mod webhook;

pub use self::{
    date_time::{DateTime, ParseDateTimeError},
    links::Links,
    select::{Selection, represent},
    webhook::{Associate, ParseWebhookStateError, Webhook, WebhookState},
};
