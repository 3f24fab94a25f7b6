//! The command line.

use std::{net::SocketAddr, time::Duration};

use clap::{CommandFactory, Parser, ValueEnum, error::ErrorKind};
use entity_patch::UnknownMembers;

use crate::users::{Logins, Tokens, Users};

/// The webhook API of SuperOffice, over SQLite or PostgreSQL.
#[derive(Parser)]
#[command(name = "webhook-server", version, args_override_self = true)]
pub struct Options {
    /// Address and port; beyond loopback only with users or a token.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,
    /// A file of SQLite, created where it is missing, or the address of a PostgreSQL: `postgres://user@host/name`.
    #[arg(long, value_name = "FILE|URL", default_value = "webhooks.db")]
    pub database: String,
    /// What becomes of a write to a member that a webhook does not have.
    #[arg(long, value_name = "WHAT", default_value = "reject")]
    pub unknown_members: Unknown,
    /// One user a line: name, hash as `htpasswd -B` writes it, id and full name, with colons between them.
    #[arg(long, value_name = "FILE", value_parser = read::<Logins>)]
    users: Option<Logins>,
    /// One token a line, and the user that it represents; without users one word that every request has to carry.
    #[arg(long, value_name = "FILE", value_parser = read::<Tokens>)]
    token_file: Option<Tokens>,
    /// How the log is written.
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub log: LogFormat,
    /// Seconds that the header fields of a request may take, that a connection may be idle, and an answer unread.
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = seconds)]
    pub header_timeout: Duration,
    /// Seconds that the body may take after that.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub body_timeout: Duration,
    /// Seconds that requests under way get after Ctrl-C.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub grace: Duration,
    /// How long the JSON text of a webhook may become.
    #[arg(long, value_name = "BYTES", default_value = "8388608")]
    pub entity_limit: usize,
}

/// `--unknown-members`
#[derive(Clone, Copy, ValueEnum)]
pub enum Unknown {
    Reject,
    Ignore,
}

impl From<Unknown> for UnknownMembers {
    fn from(unknown: Unknown) -> UnknownMembers {
        match unknown {
            Unknown::Reject => UnknownMembers::Reject,
            Unknown::Ignore => UnknownMembers::Ignore,
        }
    }
}

/// `--log`
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

impl Options {
    /// Reads the command line, and who may come in.
    pub fn read() -> Result<(Options, Users), clap::Error> {
        let mut options = Options::try_parse()?;
        let refuse = |problem: String| Options::command().error(ErrorKind::ValueValidation, problem);
        let users = Users::new(options.users.take(), options.token_file.take()).map_err(refuse)?;
        match users.are_all_welcome() && !options.listen.ip().to_canonical().is_loopback() {
            true => {
                Err(refuse(format!("{} is not a loopback address: it needs --users or --token-file", options.listen)))
            }
            false => Ok((options, users)),
        }
    }
}

/// An address with its port; of a host that has several, the first.
fn address(text: &str) -> Result<SocketAddr, String> {
    let addresses = std::net::ToSocketAddrs::to_socket_addrs(text).ok();
    addresses.and_then(|mut addresses| addresses.next()).ok_or_else(|| "not an address with a port".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|seconds| !seconds.is_zero()).ok_or_else(|| "not a number of seconds above 0".to_owned())
}

fn read<T: std::str::FromStr<Err = &'static str>>(file: &str) -> Result<T, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    text.parse().map_err(str::to_owned)
}
