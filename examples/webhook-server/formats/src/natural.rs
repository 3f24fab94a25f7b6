//! What the members of a webhook hold: XML and forms do not show it.

use entity_patch::{http::declared_name, superoffice::Webhook};

/// What a member holds where nothing says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Natural {
    Text,
    Number,
    /// Text, or a number of digits: what the API enumerates.
    Name,
    Strings,
    Object,
    /// An object where there are members, text otherwise.
    ByShape,
}

/// The declared members that are not text. Whatever is not declared goes by its shape.
const NATURALS: [(&str, Natural); 13] = [
    ("WebhookId", Natural::Number),
    ("TotalCalls", Natural::Number),
    ("TotalErrors", Natural::Number),
    ("ConsecutiveErrors", Natural::Number),
    ("NotifyVia", Natural::Name),
    ("NotifyWhen", Natural::Name),
    ("ErrorEmails", Natural::Strings),
    ("Events", Natural::Strings),
    ("State", Natural::Name),
    ("Headers", Natural::Object),
    ("Properties", Natural::Object),
    ("RegisteredAssociate", Natural::Object),
    ("UpdatedAssociate", Natural::Object),
];

impl Natural {
    /// What a member of a webhook holds, its name in any case.
    pub fn of_member(name: &str) -> Natural {
        match declared_name::<Webhook>(name) {
            Some(declared) => {
                NATURALS.iter().find(|(name, _)| *name == declared).map_or(Natural::Text, |&(_, natural)| natural)
            }
            None => Natural::ByShape,
        }
    }
}
