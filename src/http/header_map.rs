//! The rules of [`http`](crate::http) over the types of the crate `http`, which most servers and clients share.

use ::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::http::{
    preconditions::Preconditions, prefer::Preferences, problem::ProblemDetails, reply::Reply, request::RequestHead,
};

fn lines(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

impl From<&HeaderMap> for RequestHead {
    /// ```
    /// use entity_patch::{Format, http::RequestHead};
    /// use http::{HeaderMap, HeaderValue, header};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json-patch+json"));
    /// assert_eq!(RequestHead::from(&headers).format(), Ok(Format::JsonPatch));
    /// ```
    fn from(headers: &HeaderMap) -> RequestHead {
        RequestHead::from_headers(lines(headers))
    }
}

impl From<&HeaderMap> for Preconditions {
    fn from(headers: &HeaderMap) -> Preconditions {
        Preconditions::from_headers(lines(headers))
    }
}

impl From<&HeaderMap> for Preferences {
    fn from(headers: &HeaderMap) -> Preferences {
        Preferences::from_lines(headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok()))
    }
}

impl<B: From<Vec<u8>>> From<Reply> for Response<B> {
    /// A header field that HTTP does not allow is left out, and a status that it does not have is 500.
    ///
    /// ```
    /// use entity_patch::http::Reply;
    ///
    /// let response: http::Response<Vec<u8>> = Reply::new(204).with_header("allow", "GET, PATCH").into();
    /// assert_eq!(response.status(), http::StatusCode::NO_CONTENT);
    /// assert_eq!(response.headers()["allow"], "GET, PATCH");
    /// ```
    fn from(reply: Reply) -> Response<B> {
        let status = StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = HeaderMap::new();
        for (name, value) in reply.headers() {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.insert(name, value);
            }
        }
        let mut response = Response::new(B::from(reply.into_body()));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

impl<B: From<Vec<u8>>> From<ProblemDetails> for Response<B> {
    fn from(problem: ProblemDetails) -> Response<B> {
        Reply::from(problem).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::preconditions::Validators;

    #[test]
    fn header_fields_are_read() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("if-match", "\"6\""), ("if-match", "\"7\""), ("prefer", "return=minimal")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers.append("prefer", HeaderValue::from_bytes(b"handling=lenient, \xFF").expect("a value"));
        let head = RequestHead::from(&headers);
        assert_eq!(head.preconditions(), &Preconditions::from(&headers));
        assert!(head.check(&Validators::of_version(7)).is_ok());
        assert!(head.check(&Validators::of_version(8)).is_err());
        assert!(Preferences::from(&headers).is_minimal());
        // A line that is not text says nothing.
        assert_eq!(head.preferences(), &Preferences::from(&headers));
        assert_eq!(head.preferences().handling, None);
    }

    #[test]
    fn what_http_does_not_allow_is_not_sent() {
        let reply = Reply::new(99).with_header("a b", "c").with_header("location", "/a\r\nSet-Cookie: b");
        let response: Response<Vec<u8>> = reply.into();
        assert_eq!((response.status(), response.headers().len()), (StatusCode::INTERNAL_SERVER_ERROR, 0));
        let response: Response<Vec<u8>> = ProblemDetails::new(0, "own", "detail").with_header("allow", "GET").into();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["allow"], "GET");
        assert_eq!(response.headers()["content-type"], ProblemDetails::MEDIA_TYPE);
    }
}
