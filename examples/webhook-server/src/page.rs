//! What people and tools read: the page at `/`, and the description of the API.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use entity_patch::{
    http::{ProblemDetails, Reply},
    schema::{JsonPatchOf, MergePatchOf},
    superoffice::Webhook,
};
use schemars::generate::SchemaSettings;
use serde_json::Value;
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("../page.html");

/// Nothing runs or is loaded but what is in the page, which is told by its hash; and it speaks to this server alone.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |start: &str, end: &str| {
        let inside = PAGE.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map_or("", |(inside, _)| inside);
        STANDARD.encode(Sha256::digest(inside))
    };
    let (style, script) = (hash("<style>", "</style>"), hash("<script>", "</script>"));
    format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

pub fn page() -> Reply {
    Reply::new(200)
        .with_body(PAGE.into(), "text/html; charset=utf-8")
        .with_header("content-security-policy", POLICY.as_str())
        .with_header("x-content-type-options", "nosniff")
        .with_header("referrer-policy", "no-referrer")
}

/// OpenAPI 3.1: the paths of this server, with the library's schemas of the bodies that it takes and of how it refuses.
static DESCRIPTION: LazyLock<String> = LazyLock::new(|| {
    let mut description: Value = serde_json::from_str(include_str!("../openapi.json")).expect("a test reads it");
    let settings = SchemaSettings::draft2020_12().with(|it| it.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    generator.subschema_for::<JsonPatchOf<Webhook>>();
    generator.subschema_for::<MergePatchOf<Webhook>>();
    generator.subschema_for::<ProblemDetails>();
    if let Some(schemas) = description["components"]["schemas"].as_object_mut() {
        schemas.extend(generator.take_definitions(true));
    }
    description.to_string()
});

pub fn description() -> Reply {
    Reply::json(DESCRIPTION.as_bytes().into())
}
