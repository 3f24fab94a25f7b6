//! Where a request was sent to, and which page made a browser send it.

use std::net::IpAddr;

use axum::http::{Version, header, request::Parts, uri::Authority};
use entity_patch::http::ProblemDetails;

/// The host that a request was sent to (RFC 9112 section 3.2); `None` where it has none, and needs none.
///
/// # Errors
///
/// 400: it needs one, has several, or it is not a host.
pub fn host(parts: &Parts) -> Result<Option<&str>, ProblemDetails> {
    let is_host = |text: &&str| {
        let authority = text.parse::<Authority>().ok().filter(|_| !text.contains('@'));
        text.is_empty()
            || authority.is_some_and(|authority| {
                let rest = &text[authority.host().len()..];
                rest.is_empty() || rest == ":" || authority.port_u16().is_some()
            })
    };
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (None, _) if parts.version == Version::HTTP_10 => Some(""),
        (Some(host), None) => host.to_str().ok().filter(is_host),
        _ => None,
    };
    let refused = || ProblemDetails::new(400, "malformed-host", "a request needs one `Host`, the name of a host");
    let host = host.ok_or_else(refused)?;
    // The address of the request line comes first, without the credentials that it might name.
    let host = parts.uri.authority().and_then(|authority| authority.as_str().rsplit('@').next()).unwrap_or(host);
    Ok(Some(host).filter(|host| !host.is_empty()))
}

/// 421 (RFC 9110 section 15.5.20) for a host that somebody else gives an address to. Where everybody is welcome, a page
/// whose own name suddenly leads to this machine (DNS rebinding) could read what is here.
pub fn check_local(host: Option<&str>) -> Result<(), ProblemDetails> {
    let is_local = |host: &str| {
        let name = host.parse::<Authority>().map(|authority| authority.host().to_ascii_lowercase()).unwrap_or_default();
        name == "localhost" || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
    };
    let detail = "without users or a token, `Host` has to be `localhost` or an IP address";
    let refused = || ProblemDetails::new(421, "misdirected-request", detail);
    if host.is_none_or(is_local) { Ok(()) } else { Err(refused()) }
}

/// 403 for what the page of another site has a browser send: it would come with the credentials that the browser keeps.
/// Over plain HTTP to another machine a browser tells only where its page is from, and not whether that is here.
pub fn check_page(parts: &Parts, host: &str) -> Result<(), ProblemDetails> {
    let told = |name| parts.headers.get(name).map(|value| value.as_bytes());
    let is_here = |page: &[u8]| {
        let page = page.strip_prefix(b"http://").or_else(|| page.strip_prefix(b"https://"));
        page.is_some_and(|page| page.eq_ignore_ascii_case(host.as_bytes()))
    };
    let is_welcome = match told("sec-fetch-site") {
        _ if parts.method.is_safe() => true,
        Some(site) => matches!(site, b"same-origin" | b"none"),
        None => told("origin").is_none_or(is_here),
    };
    let refused = || ProblemDetails::new(403, "cross-site", "pages of other sites cannot change anything here");
    if is_welcome { Ok(()) } else { Err(refused()) }
}

/// 501 for a body that is sent as something else than chunks (RFC 9112 section 6.1): nothing here would decode it.
pub fn check_coding(parts: &Parts) -> Result<(), ProblemDetails> {
    let mut codings = parts.headers.get_all(header::TRANSFER_ENCODING).iter().map(|coding| coding.as_bytes());
    let refused = || ProblemDetails::new(501, "unsupported-coding", "the only transfer coding is `chunked`, once");
    let is_known = codings.next().is_none_or(|coding| coding.eq_ignore_ascii_case(b"chunked"));
    if is_known && codings.next().is_none() { Ok(()) } else { Err(refused()) }
}
