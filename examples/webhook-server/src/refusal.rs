//! Why a request is refused: problem details that also carry the API's own members, and the headers that go with them.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use entity_patch::http::{PreconditionFailed, ProblemDetails};

use crate::store::StoreError;

/// A refused request. Boxed, so that the way of the accepted ones stays light.
pub struct Refusal(Box<(ProblemDetails, HeaderMap)>);

/// The API's own names of causes.
const ERROR_TYPES: [(u16, &str); 14] = [
    (400, "SoBadRequestException"),
    (401, "SoUnauthorizedException"),
    (404, "SoNotFoundException"),
    (405, "SoMethodNotAllowedException"),
    (406, "SoNotAcceptableException"),
    (408, "SoTimeoutException"),
    (409, "SoConflictException"),
    (412, "SoPreconditionFailedException"),
    (413, "SoContentTooLargeException"),
    (415, "SoUnsupportedMediaTypeException"),
    (422, "SoValidationException"),
    (500, "SoInternalException"),
    (503, "SoUnavailableException"),
    (507, "SoStorageFullException"),
];

impl Refusal {
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Refusal {
        ProblemDetails::new(status, code, detail).into()
    }

    pub fn no_such_webhook(id: impl std::fmt::Display) -> Refusal {
        Refusal::new(404, "no-such-entity", format!("Webhook id {id} not found"))
    }

    pub fn with_header(mut self, name: HeaderName, value: &'static str) -> Refusal {
        self.0.1.insert(name, HeaderValue::from_static(value));
        self
    }

    /// The status and the code, for the log.
    pub fn cause(&self) -> (u16, &'static str) {
        (self.0.0.status(), self.0.0.code())
    }
}

impl From<ProblemDetails> for Refusal {
    fn from(problem: ProblemDetails) -> Refusal {
        Refusal(Box::new((problem, HeaderMap::new())))
    }
}

impl From<entity_patch::Error> for Refusal {
    fn from(error: entity_patch::Error) -> Refusal {
        ProblemDetails::from(error).into()
    }
}

impl From<PreconditionFailed> for Refusal {
    fn from(error: PreconditionFailed) -> Refusal {
        ProblemDetails::from(error).into()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        match error {
            StoreError::Busy => Refusal::too_busy("another process holds the database"),
            StoreError::Full => Refusal::new(507, "storage-full", "no id is left"),
            StoreError::Sqlite(_) | StoreError::Layout(_) | StoreError::Row => {
                Refusal::new(500, "storage-failed", format!("the database: {error}"))
            }
        }
    }
}

impl Refusal {
    /// 503: it may work in a moment.
    pub fn too_busy(detail: &str) -> Refusal {
        Refusal::new(503, "too-busy", detail).with_header(header::RETRY_AFTER, "1")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (problem, headers) = *self.0;
        let error_type = ERROR_TYPES.iter().find(|(status, _)| *status == problem.status());
        let message = problem.detail().to_owned();
        let problem = problem
            .with("Error", true)
            .with("ErrorType", error_type.map_or("SoException", |(_, name)| name))
            .with("ErrorMessage", message)
            .with("ErrorSource", "entity-patch");
        let mut response = problem.into_response();
        response.headers_mut().extend(headers);
        response
    }
}
