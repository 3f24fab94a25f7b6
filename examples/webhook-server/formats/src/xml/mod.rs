//! The XML form of a webhook, read into JSON text and written from it, so that one set of rules judges both.
//!
//! ```xml
//! <Webhook>
//!   <WebhookId>7</WebhookId>
//!   <Name>sales</Name>
//!   <Events><string>sale.sold</string><string>sale.lost</string></Events>
//!   <Secret type="null"/>
//!   <Headers><X-Key>k</X-Key></Headers>
//!   <Properties><count type="number">5</count><tags type="array"><item>a</item></tags></Properties>
//! </Webhook>
//! ```
//!
//! An element is a member, and nothing has a prefix. A declared member has the type that the API declares: `WebhookId`
//! is a number, `Events` and `ErrorEmails` hold one `string` an element, `Headers`, `Properties` and the associates are objects, and the
//! rest is text. Inside objects an element that holds elements is an object, and every other one is text. Where a value
//! is something else, the attribute `type` says so: `null` (or `xsi:nil="true"`), `number`, `boolean`, `array` (of
//! `item`s), `object`, `string`, or `json` for text that holds a character which XML cannot: it is written as a JSON
//! string. A name that is not an XML name is written as .NET does it: `_x0020_` is a space.
//!
//! There is no DTD, and no entity but the five that XML predefines.

pub mod name;
mod read;
mod write;

pub use self::{
    read::{XmlError, to_json},
    write::{from_json, list},
};

/// The name of a webhook, and of a list of them.
const ROOT: &str = "Webhook";
const LIST: &str = "ArrayOfWebhook";

/// Whether XML 1.0 can hold a character (section 2.2).
fn is_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}
