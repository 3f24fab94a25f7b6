//! The command line.

use std::{
    fmt,
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
};

use entity_patch::UnknownMembers;

const USAGE: &str = "usage: webhook-server [--listen ADDR] [--database FILE] [--unknown-members reject|ignore] \
                     [--token-file FILE]";

/// What the server was started with.
#[derive(Clone)]
pub struct Options {
    /// `--listen`, 127.0.0.1:8080 by default; beyond loopback only with a token.
    pub listen: SocketAddr,
    /// `--database`, `webhooks.db` by default.
    pub database: PathBuf,
    /// `--unknown-members`, reject by default.
    pub unknown_members: UnknownMembers,
    /// What `--token-file` holds: every request has to carry it.
    pub token: Option<String>,
}

impl Options {
    pub fn read(arguments: &[String]) -> Result<Options, OptionsError> {
        let mut options = Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database: PathBuf::from("webhooks.db"),
            unknown_members: UnknownMembers::Reject,
            token: None,
        };
        let mut arguments = arguments.iter();
        while let Some(option) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| OptionsError::usage(format!("{option} needs a value")));
            match option.as_str() {
                "--listen" => options.listen = address(value()?)?,
                "--database" => options.database = value()?.into(),
                "--unknown-members" => {
                    options.unknown_members = match value()?.as_str() {
                        "reject" => UnknownMembers::Reject,
                        "ignore" => UnknownMembers::Ignore,
                        other => return Err(OptionsError::usage(format!("neither reject nor ignore: {other}"))),
                    }
                }
                "--token-file" => options.token = Some(token(value()?)?),
                other => return Err(OptionsError::usage(format!("unknown option {other}"))),
            }
        }
        if options.token.is_none() && !options.listen.ip().to_canonical().is_loopback() {
            return Err(OptionsError(format!("{} is not a loopback address: --token-file is needed", options.listen)));
        }
        Ok(options)
    }
}

/// An address with its port; of a host that has several, the first.
fn address(text: &str) -> Result<SocketAddr, OptionsError> {
    let refuse = || OptionsError::usage(format!("not an address with a port: {text}"));
    text.to_socket_addrs().map_err(|_| refuse())?.next().ok_or_else(refuse)
}

/// The token in a file. No message shows it.
fn token(file: &str) -> Result<String, OptionsError> {
    let text = std::fs::read_to_string(file).map_err(|error| OptionsError(format!("{file}: {error}")))?;
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(OptionsError(format!("{file}: a token is one word of visible ASCII characters")));
    }
    Ok(token.to_owned())
}

/// Why the command line is refused.
#[derive(Debug)]
pub struct OptionsError(String);

impl OptionsError {
    fn usage(problem: String) -> OptionsError {
        OptionsError(format!("{problem}\n{USAGE}"))
    }
}

impl fmt::Display for OptionsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
