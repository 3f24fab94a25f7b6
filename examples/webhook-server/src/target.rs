//! What the path and the query of a request name. Both are matched without regard to case.

use std::fmt;

use entity_patch::{http::ProblemDetails, superoffice::Selection};
use webhook_formats::form::{decoded, percent_decoded};

/// The list of webhooks, and what comes before an id.
pub const ARCHIVE: &str = "/api/v1/Webhook";

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `/`, the page for people.
    Page,
    /// `/openapi.json`
    Description,
    /// `/api/v1/Webhook`
    Archive,
    /// `/api/v1/Webhook/default`
    Default,
    /// `/api/v1/Webhook/{id}`: any integer, although only those above 0 can be there.
    Webhook(i64),
    /// `/api/v1/Agents/Webhook/…`
    CreateDefault,
    Get,
    GetAll,
    Save,
    Delete,
}

const AGENTS: [(&str, Target); 5] = [
    ("CreateDefaultWebhook", Target::CreateDefault),
    ("GetWebhook", Target::Get),
    ("GetAllWebhooks", Target::GetAll),
    ("SaveWebhook", Target::Save),
    ("DeleteWebhook", Target::Delete),
];

impl Target {
    /// `None` for a path that this API does not have.
    pub fn of(path: &str) -> Option<Target> {
        // An encoded slash does not separate (RFC 3986 section 2.2).
        let segments = path.strip_prefix('/')?.split('/').map(|it| Some(percent_decoded(it)?.to_ascii_lowercase()));
        let segments = segments.collect::<Option<Vec<String>>>()?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        Some(match segments[..] {
            [""] => Target::Page,
            ["openapi.json"] => Target::Description,
            ["api", "v1", "agents", "webhook", agent] => {
                AGENTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(agent))?.1
            }
            // The vendor's client posts to the list with a slash at its end.
            ["api", "v1", "webhook"] | ["api", "v1", "webhook", ""] => Target::Archive,
            ["api", "v1", "webhook", "default"] => Target::Default,
            ["api", "v1", "webhook", id] => Target::Webhook(integer(id)?),
            _ => return None,
        })
    }

    /// The methods that it takes, as `Allow` lists them.
    pub fn allow(self) -> &'static str {
        match self {
            Target::Page | Target::Description | Target::Default => "GET, HEAD, OPTIONS",
            Target::Webhook(_) => "DELETE, GET, HEAD, OPTIONS, PATCH, PUT",
            Target::Archive | Target::CreateDefault | Target::Get | Target::GetAll | Target::Save | Target::Delete => {
                "OPTIONS, POST"
            }
        }
    }
}

impl fmt::Display for Target {
    /// For the log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Target::Page => "page",
            Target::Description => "description",
            Target::Archive => "webhooks",
            Target::Default => "default",
            Target::Webhook(id) => return write!(formatter, "webhook {id}"),
            agent => AGENTS.iter().find(|(_, target)| target == agent).map_or("", |(name, _)| name),
        };
        formatter.write_str(name)
    }
}

/// An integer is written one way only: without a leading zero or a plus sign.
fn integer(text: &str) -> Option<i64> {
    text.parse().ok().filter(|integer: &i64| integer.to_string() == text)
}

/// What the query of a request says.
pub struct Query(Vec<(String, String)>);

impl Query {
    /// # Errors
    ///
    /// 400: what comes after a `%` is not a byte, or the bytes are not UTF-8. Read as a name that nothing has, a `$select`
    /// would show other members than it asks for.
    pub fn read(query: Option<&str>) -> Result<Query, ProblemDetails> {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        });
        let malformed = || ProblemDetails::new(400, "malformed-query", "the query is not UTF-8, or a `%` is no byte");
        Ok(Query(pairs.collect::<Option<_>>().ok_or_else(malformed)?))
    }

    fn values<'q>(&'q self, wanted: &'q str) -> impl Iterator<Item = &'q str> {
        self.0.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
    }

    /// What `$select` asks for; several are one list.
    pub fn selection(&self) -> Selection {
        Selection::parse(&self.values("$select").collect::<Vec<_>>().join(","))
    }

    /// The id that an agent is asked about; 400 where there is none, more than one, or it is not an integer.
    pub fn webhook_id(&self) -> Result<i64, ProblemDetails> {
        let mut ids = self.values("webhookId");
        let id = ids.next().and_then(integer).filter(|_| ids.next().is_none());
        id.ok_or_else(|| ProblemDetails::new(400, "malformed-query", "the query needs one `webhookId`, an integer"))
    }
}
