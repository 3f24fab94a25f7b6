//! Why a request is refused: problem details that also carry the API's own members, and the headers that go with them.

use axum::response::{IntoResponse, Response};
use entity_patch::http::{PreconditionError, ProblemDetails, UnsupportedMediaType};

use crate::store::StoreError;

/// A refused request. Boxed, so that the way of the accepted ones stays light.
pub struct Refusal(Box<ProblemDetails>);

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

    pub fn with_header(self, name: &'static str, value: &'static str) -> Refusal {
        Refusal(Box::new(self.0.with_header(name, value)))
    }

    /// The status and the code, for the log.
    pub fn cause(&self) -> (u16, String) {
        (self.0.status(), self.0.code().to_owned())
    }
}

impl From<ProblemDetails> for Refusal {
    fn from(problem: ProblemDetails) -> Refusal {
        Refusal(Box::new(problem))
    }
}

impl From<entity_patch::Error> for Refusal {
    fn from(error: entity_patch::Error) -> Refusal {
        ProblemDetails::from(error).into()
    }
}

impl From<PreconditionError> for Refusal {
    fn from(error: PreconditionError) -> Refusal {
        ProblemDetails::from(error).into()
    }
}

impl From<UnsupportedMediaType> for Refusal {
    fn from(error: UnsupportedMediaType) -> Refusal {
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
        Refusal::new(503, "too-busy", detail).with_header("retry-after", "1")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = *self.0;
        let error_type = ERROR_TYPES.iter().find(|(status, _)| *status == problem.status());
        let message = problem.detail().to_owned();
        problem
            .with("Error", true)
            .with("ErrorType", error_type.map_or("SoException", |(_, name)| name))
            .with("ErrorMessage", message)
            .with("ErrorSource", "entity-patch")
            .into_response()
    }
}
