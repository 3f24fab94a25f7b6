//! A webhook registration: its members, their types, and who may write them.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, IgnoredAny, MapAccess, Unexpected, Visitor},
    ser::SerializeMap,
};
use serde_json::{Number, Value};

use crate::{Entity, Members, json::number, superoffice::date_time::DateTime};

/// A webhook: where a server posts the events that it tells others about.
///
/// Members that it does not know are kept, and written back after the declared ones. `Debug` shows neither the secret
/// nor the values of the headers. Build one with `..Webhook::default()`: a later version may have more members.
///
/// ```
/// use entity_patch::superoffice::{Webhook, WebhookState};
///
/// let webhook: Webhook = serde_json::from_str(r#"{"WebhookId": 7, "Name": "sales", "State": "active"}"#).unwrap();
/// assert_eq!(webhook.state, WebhookState::Active);
/// assert!(serde_json::to_string(&webhook).unwrap().starts_with(r#"{"WebhookId":7,"Name":"sales","Events":null,"#));
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
#[entity(crate = "crate", output_only = "_Links")]
#[allow(clippy::exhaustive_structs, reason = "servers build it with `..Webhook::default()`")]
pub struct Webhook {
    /// The primary key, read-only.
    #[entity(read_only, key)]
    pub webhook_id: i32,
    /// What the webhook is called; not unique.
    pub name: Option<String>,
    /// The names of the events that trigger it, such as `contact.created`.
    pub events: Option<Vec<String>>,
    /// Where events are posted, or the id of a script.
    pub target_url: Option<String>,
    /// The key of the signatures, shared with the receiver.
    pub secret: Option<String>,
    /// Whether events are posted. One that is absent is active.
    #[serde(default)]
    pub state: WebhookState,
    /// The plugin that handles it, `webhook` for HTTP.
    #[serde(rename = "Type")]
    pub type_: Option<String>,
    /// Added to each request.
    pub headers: Option<BTreeMap<String, String>>,
    /// Injected into each body.
    pub properties: Option<Members>,
    /// When it was registered, read-only.
    #[entity(read_only, eq)]
    pub registered: Option<DateTime>,
    /// Who registered it, read-only.
    #[entity(read_only)]
    pub registered_associate: Option<Associate>,
    /// When it was last updated, read-only.
    #[entity(read_only, eq)]
    pub updated: Option<DateTime>,
    /// Who last updated it, read-only.
    #[entity(read_only)]
    pub updated_associate: Option<Associate>,
    /// Who is told when there were too many errors.
    pub errors_email: Option<String>,
    /// Who else is told, by e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_emails: Option<Vec<String>>,
    /// Which users are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[entity(nested)]
    pub error_associates: Option<Vec<ListItem>>,
    /// What the webhook is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How they are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_via: Option<NameOrNumber>,
    /// When they are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_when: Option<NameOrNumber>,
    /// How many events were posted, read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[entity(read_only)]
    pub total_calls: Option<i32>,
    /// How many of them failed, read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[entity(read_only)]
    pub total_errors: Option<i32>,
    /// How many failed in a row, read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[entity(read_only)]
    pub consecutive_errors: Option<i32>,
    /// What the last one failed with, read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[entity(read_only)]
    pub last_error: Option<String>,
    /// The members that were read and are not declared, such as a newer server's.
    #[serde(flatten)]
    pub undeclared: Members,
}

/// An item of a list, such as a user who can be chosen. Only the members that are set are written. Build one with
/// `..ListItem::default()`: a later version may have more members.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase", default)]
#[entity(crate = "crate")]
#[allow(clippy::exhaustive_structs, reason = "servers build it with `..ListItem::default()`")]
pub struct ListItem {
    /// The primary key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i32>,
    /// What is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is shown when one points at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_tip: Option<String>,
    /// Whether it can no longer be chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// Its place among the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<i32>,
    /// What kind of item it is.
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// The items below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[entity(nested)]
    pub child_items: Option<Vec<ListItem>>,
    /// The name of its icon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_hint: Option<String>,
    /// Its colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color_block: Option<i32>,
    /// Whatever else there is to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_info: Option<String>,
    /// How it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style_hint: Option<String>,
    /// Its name and those of the items around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// What the user may do with it, as the vendor's client sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_right: Option<Value>,
    /// What the user may do with its members, as the vendor's client sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_properties: Option<Value>,
}

/// A value of an enumeration that is kept as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NameOrNumber {
    /// By its name.
    Name(String),
    /// By its number.
    Number(i32),
}

impl fmt::Debug for Webhook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Stands for a value that is not shown.
        struct Hidden;

        impl fmt::Debug for Hidden {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("…")
            }
        }

        fn names<'n>(names: impl Iterator<Item = &'n String>) -> BTreeMap<&'n str, Hidden> {
            names.map(|name| (name.as_str(), Hidden)).collect()
        }

        let headers = self.headers.as_ref().map(|headers| names(headers.keys()));
        // Nobody knows what they are: one may be the secret in another spelling.
        let undeclared = names(self.undeclared.keys());
        formatter
            .debug_struct("Webhook")
            .field("webhook_id", &self.webhook_id)
            .field("name", &self.name)
            .field("events", &self.events)
            .field("target_url", &self.target_url)
            .field("secret", &self.secret.as_ref().map(|_| Hidden))
            .field("state", &self.state)
            .field("type_", &self.type_)
            .field("headers", &headers)
            .field("properties", &self.properties)
            .field("registered", &self.registered)
            .field("registered_associate", &self.registered_associate)
            .field("updated", &self.updated)
            .field("updated_associate", &self.updated_associate)
            .field("errors_email", &self.errors_email)
            .field("error_emails", &self.error_emails)
            .field("error_associates", &self.error_associates)
            .field("description", &self.description)
            .field("notify_via", &self.notify_via)
            .field("notify_when", &self.notify_when)
            .field("total_calls", &self.total_calls)
            .field("total_errors", &self.total_errors)
            .field("consecutive_errors", &self.consecutive_errors)
            .field("last_error", &self.last_error)
            .field("undeclared", &undeclared)
            .finish()
    }
}

/// Whether events are posted. Read as its name in any case or as its number, and always written as its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WebhookState {
    /// 0: nobody knows.
    Unknown,
    /// 1: events are posted.
    #[default]
    Active,
    /// 2: somebody stopped it.
    Stopped,
    /// 3: it stopped itself, after too many errors.
    TooManyErrors,
}

impl WebhookState {
    const ALL: [WebhookState; 4] =
        [WebhookState::Unknown, WebhookState::Active, WebhookState::Stopped, WebhookState::TooManyErrors];

    /// The name, as it is written.
    pub fn name(self) -> &'static str {
        match self {
            WebhookState::Unknown => "Unknown",
            WebhookState::Active => "Active",
            WebhookState::Stopped => "Stopped",
            WebhookState::TooManyErrors => "TooManyErrors",
        }
    }

    /// The number: 0 to 3.
    pub fn number(self) -> u8 {
        match self {
            WebhookState::Unknown => 0,
            WebhookState::Active => 1,
            WebhookState::Stopped => 2,
            WebhookState::TooManyErrors => 3,
        }
    }
}

impl fmt::Display for WebhookState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for WebhookState {
    type Err = ParseWebhookStateError;

    /// Reads a name in any case.
    fn from_str(text: &str) -> Result<WebhookState, ParseWebhookStateError> {
        let mut states = WebhookState::ALL.into_iter();
        states.find(|state| state.name().eq_ignore_ascii_case(text)).ok_or(ParseWebhookStateError(()))
    }
}

/// A text that names no [`WebhookState`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of `Unknown`, `Active`, `Stopped`, `TooManyErrors`, or 0 to 3")]
pub struct ParseWebhookStateError(());

impl Serialize for WebhookState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for WebhookState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WebhookState, D::Error> {
        deserializer.deserialize_any(StateVisitor)
    }
}

/// Reads the name or the number of a state.
struct StateVisitor;

impl StateVisitor {
    fn number<E: de::Error>(number: Option<Number>) -> Result<WebhookState, E> {
        let number = number.and_then(|number| number::whole(&number));
        let state = WebhookState::ALL.into_iter().find(|state| Some(state.number().into()) == number);
        state.ok_or_else(|| E::custom(ParseWebhookStateError(())))
    }
}

impl<'de> Visitor<'de> for StateVisitor {
    type Value = WebhookState;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("one of `Unknown`, `Active`, `Stopped`, `TooManyErrors`, or 0 to 3")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<WebhookState, E> {
        name.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<WebhookState, E> {
        StateVisitor::number(Some(number.into()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<WebhookState, E> {
        StateVisitor::number(Some(number.into()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<WebhookState, E> {
        StateVisitor::number(Number::from_f64(number))
    }

    /// Under serde_json's `arbitrary_precision` a number comes as a map. An object that looks like that map is none.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WebhookState, A::Error> {
        if number::ARBITRARY_PRECISION
            && map.size_hint().is_none()
            && matches!(map.next_key::<IgnoredAny>(), Ok(Some(_)))
        {
            let Digits(digits) = map.next_value()?;
            return StateVisitor::number(number::parse(&digits));
        }
        Err(de::Error::invalid_type(Unexpected::Map, &self))
    }
}

/// The text of a number, which serde_json hands over as a string that it made; those of a text are borrowed.
struct Digits(String);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digits, D::Error> {
        struct DigitsVisitor;

        impl Visitor<'_> for DigitsVisitor {
            type Value = Digits;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number")
            }

            fn visit_str<E: de::Error>(self, _text: &str) -> Result<Digits, E> {
                Err(E::invalid_type(Unexpected::Map, &self))
            }

            fn visit_string<E: de::Error>(self, digits: String) -> Result<Digits, E> {
                Ok(Digits(digits))
            }
        }

        deserializer.deserialize_any(DigitsVisitor)
    }
}

/// A user of the CRM system, as a webhook names the one who registered or updated it.
///
/// It holds exactly the members that were read, the ones that it does not know included, and writes them back with the
/// declared ones first.
///
/// ```
/// use entity_patch::superoffice::Associate;
///
/// let associate: Associate = serde_json::from_str(r#"{"Rank": 3, "AssociateId": 7, "TableRight": {}}"#).unwrap();
/// assert_eq!(associate.associate_id(), Some(7));
/// assert_eq!(serde_json::to_string(&associate).unwrap(), r#"{"AssociateId":7,"Rank":3,"TableRight":{}}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Associate {
    /// Shared with its clones: nothing writes them once they are read, and a webhook that is patched is cloned.
    members: Arc<Members>,
}

/// What a declared member of an [`Associate`] may be, besides null.
#[derive(Clone, Copy)]
enum Type {
    Integer,
    Boolean,
    String,
}

impl Associate {
    const DECLARED: [(&'static str, Type); 12] = [
        ("AssociateId", Type::Integer),
        ("Name", Type::String),
        ("PersonId", Type::Integer),
        ("Rank", Type::Integer),
        ("Tooltip", Type::String),
        ("Type", Type::String),
        ("GroupIdx", Type::Integer),
        ("FullName", Type::String),
        ("FormalName", Type::String),
        ("Deleted", Type::Boolean),
        ("EjUserId", Type::Integer),
        ("UserName", Type::String),
    ];

    /// The primary key.
    pub fn associate_id(&self) -> Option<i32> {
        i32::try_from(self.get("AssociateId")?.as_i64()?).ok()
    }

    /// The full name of the person.
    pub fn full_name(&self) -> Option<&str> {
        self.get("FullName")?.as_str()
    }

    /// The member of this name, declared or not.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }
}

impl Serialize for Associate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut declared = [None; Associate::DECLARED.len()];
        let mut undeclared = Vec::new();
        for member in &*self.members {
            match Associate::DECLARED.iter().position(|(name, _)| name == member.0) {
                Some(place) => declared[place] = Some(member),
                None => undeclared.push(member),
            }
        }
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for (name, value) in declared.into_iter().flatten().chain(undeclared) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Associate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Associate, D::Error> {
        let members = Members::deserialize(deserializer)?;
        for (name, declared) in Associate::DECLARED {
            let is_valid = match (declared, members.get(name)) {
                (_, None | Some(Value::Null)) => true,
                (Type::Integer, Some(value)) => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
                (Type::Boolean, Some(value)) => value.is_boolean(),
                (Type::String, Some(value)) => value.is_string(),
            };
            if !is_valid {
                return Err(de::Error::custom(format_args!("the member `{name}` has the wrong type")));
            }
        }
        Ok(Associate { members: members.into() })
    }
}
