//! Who may come in: users with passwords, and tokens. No message shows either.

use std::{collections::HashSet, str::FromStr};

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use entity_patch::http::ProblemDetails;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

/// How many passwords are checked at once: each costs time on purpose.
const CHECKS: usize = 2;

/// A user, as webhooks name the one who wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    name: String,
    hash: String,
    associate_id: i32,
    full_name: String,
}

impl User {
    /// The associate of the API.
    pub fn associate(&self) -> Value {
        json!({ "AssociateId": self.associate_id, "Name": self.name, "FullName": self.full_name })
    }
}

/// The users of a file, one a line: `name:$2y$…:id:full name`.
#[derive(Clone, Default)]
pub struct Logins(Vec<User>);

impl FromStr for Logins {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Logins, &'static str> {
        let user = |line: &str| {
            let [name, hash, id, full_name] = *line.splitn(4, ':').collect::<Vec<_>>() else { return None };
            let cost = bcrypt::HashParts::from_str(hash).ok()?.get_cost();
            let user = User {
                name: name.to_owned(),
                hash: hash.to_owned(),
                associate_id: id.parse().ok()?,
                full_name: full_name.to_owned(),
            };
            (!name.is_empty()).then_some((cost, user))
        };
        let users = lines(text).map(user).collect::<Option<Vec<_>>>();
        let users =
            users.ok_or("a line has to be a name, a bcrypt hash, an id and a full name, with colons between")?;
        let Some(&(cost, _)) = users.first() else { return Err("there is no user in it") };
        let mut names = HashSet::new();
        if !users.iter().all(|(_, user)| names.insert(&user.name)) {
            return Err("a user is in it twice");
        }
        match users.iter().all(|(other, _)| *other == cost) {
            true => Ok(Logins(users.into_iter().map(|(_, user)| user).collect())),
            // The time that a refusal takes would tell which of them it is about.
            false => Err("all hashes need the same cost"),
        }
    }
}

/// The tokens of a file, one a line, each with the name of its user where there is one.
#[derive(Clone, Default)]
pub struct Tokens(Vec<(String, Option<String>)>);

impl FromStr for Tokens {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Tokens, &'static str> {
        let token = |line: &str| {
            let mut words = line.split_whitespace().map(str::to_owned);
            let (token, user) = (words.next()?, words.next());
            (token.bytes().all(|byte| byte.is_ascii_graphic()) && words.next().is_none()).then_some((token, user))
        };
        let tokens = lines(text).map(token).collect::<Option<Vec<_>>>().filter(|tokens| !tokens.is_empty());
        let tokens = tokens.ok_or("a token is one word of visible ASCII characters, and a user's name may follow")?;
        let mut words = HashSet::new();
        if tokens.iter().all(|(token, _)| words.insert(token)) {
            Ok(Tokens(tokens))
        } else {
            Err("a token is in it twice")
        }
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Everybody who may come in.
pub struct Users {
    users: Vec<User>,
    /// Tokens, and which user each names.
    tokens: Vec<(String, Option<usize>)>,
    checks: Semaphore,
}

impl Users {
    /// # Errors
    ///
    /// A token names somebody who is not a user.
    pub fn new(logins: Option<Logins>, tokens: Option<Tokens>) -> Result<Users, String> {
        let users = logins.unwrap_or_default().0;
        let tokens = tokens.unwrap_or_default().0.into_iter().map(|(token, name)| match name {
            Some(name) => match users.iter().position(|user| user.name == name) {
                Some(user) => Ok((token, Some(user))),
                None => Err("--token-file: a token is one word, and one of --users may follow".to_owned()),
            },
            None if users.is_empty() => Ok((token, None)),
            None => Err("--token-file: with --users each token needs the name of its user".to_owned()),
        });
        Ok(Users { tokens: tokens.collect::<Result<_, _>>()?, users, checks: Semaphore::new(CHECKS) })
    }

    /// Whether nobody has to say who they are.
    pub fn are_all_welcome(&self) -> bool {
        self.users.is_empty() && self.tokens.is_empty()
    }

    /// Who sends a request; `None` where the server does not know its users.
    ///
    /// # Errors
    ///
    /// 401, with the schemes that it takes.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Option<&User>, ProblemDetails> {
        if self.are_all_welcome() {
            return Ok(None);
        }
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let credentials = match (given.next(), given.next()) {
            (Some(value), None) => value.to_str().ok().and_then(|value| value.split_once(' ')),
            _ => None,
        };
        let (scheme, credentials) = credentials.map_or(("", ""), |(scheme, rest)| (scheme, rest.trim()));
        let caller = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => self.by_token(credentials),
            "soticket" if !self.users.is_empty() => self.by_token(credentials),
            "basic" if !self.users.is_empty() => self.by_password(credentials).await.map(Some),
            _ => None,
        };
        let schemes = match self.users.is_empty() {
            true => "Bearer",
            false => "Basic realm=\"webhooks\", charset=\"UTF-8\", Bearer, SoTicket",
        };
        let detail = "the request needs `Authorization` with a scheme of `WWW-Authenticate`, and what belongs to it";
        caller.ok_or_else(|| ProblemDetails::new(401, "unauthorized", detail).with_header("www-authenticate", schemes))
    }

    /// The user of a token, which may be nobody. All tokens are compared, each in constant time.
    fn by_token(&self, given: &str) -> Option<Option<&User>> {
        let is_given = |token: &str| bool::from(token.as_bytes().ct_eq(given.as_bytes()));
        let found =
            self.tokens.iter().fold(None, |found, (token, user)| if is_given(token) { Some(*user) } else { found });
        found.map(|user| user.map(|user| &self.users[user]))
    }

    /// The user whose password it is. A name that no user has costs what a wrong password costs.
    async fn by_password(&self, credentials: &str) -> Option<&User> {
        let decoded = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
        // Neither holds one (RFC 7617 section 2), and bcrypt repeats a password after a NUL.
        let decoded = Some(decoded).filter(|text| !text.contains(char::is_control))?;
        let (name, password) = decoded.split_once(':')?;
        let user = self.users.iter().find(|user| user.name == name);
        let hash = user.or(self.users.first())?.hash.as_str();
        let _turn = self.checks.acquire().await.ok()?;
        let fits = tokio::task::block_in_place(|| bcrypt::verify(password, hash).unwrap_or(false));
        user.filter(|_| fits)
    }
}
