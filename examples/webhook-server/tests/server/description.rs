//! The description of the API: valid, and true.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Kind, Server};

/// Runs a program of `tests/requirements.txt`.
fn run(program: &str, arguments: &[&str], directory: &Path) -> String {
    let run = Command::new(program).args(arguments).current_dir(directory).output().expect("it is installed");
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{program}: {said}");
    said
}

#[test]
fn each_reference_leads_somewhere_and_each_method_is_one_of_the_server() {
    let server = Server::start(&[]);
    server.send("POST", "/api/v1/Webhook", &[], b"{}");
    let answer = server.send("GET", "/openapi.json", &[], b"");
    let description = answer.json();
    let text = answer.text();
    for reference in text.split("\"$ref\"").skip(1).filter_map(|rest| rest.split('"').nth(1)) {
        let place = reference.strip_prefix('#').expect("it is within the document");
        assert!(description.pointer(place).is_some(), "{reference}");
    }
    // The library says what may be written, and what of. Where only serde knows, it says that anything may.
    let members = |schema: &str| description["components"]["schemas"][schema]["properties"].as_object().unwrap();
    let (patched, sent, shown) = (members("MergePatchOf_Webhook"), members("WebhookToSave"), members("Webhook"));
    let is_read_only = |name: &&String| {
        let told = sent[*name]["description"].as_str().unwrap_or_default();
        told.contains("read-only") || *name == "WebhookId"
    };
    assert!(sent.keys().eq(shown.keys().filter(|name| *name != "_Links")));
    let writable: std::collections::BTreeSet<_> = sent.keys().filter(|name| !is_read_only(name)).collect();
    assert_eq!(writable, patched.keys().collect());
    for (name, schema) in patched {
        if schema["type"].as_array().is_none_or(|types| types.len() == 2) {
            assert_eq!((&sent[name]["type"], &shown[name]["type"]), (&schema["type"], &schema["type"]), "{name}");
        }
    }
    for (path, item) in description["paths"].as_object().unwrap() {
        let allowed = server.send("OPTIONS", &path.replace("{id}", "1"), &[], b"").header("allow").unwrap().to_owned();
        let methods = item.as_object().unwrap().keys().filter(|name| *name != "parameters");
        let methods: Vec<String> = methods.map(|method| method.to_uppercase()).collect();
        let told = allowed.split(", ").filter(|method| !["HEAD", "OPTIONS"].contains(method));
        let mut told: Vec<String> = told.map(str::to_owned).collect();
        let mut sorted = methods.clone();
        sorted.sort_unstable();
        told.sort_unstable();
        assert_eq!(sorted, told, "{path}");
        for method in methods {
            let refused = server.send(&method, &path.replace("{id}", "1"), &[("Host", "other.example")], b"");
            assert!(
                item[method.to_lowercase()]["responses"][refused.status.to_string()].is_object(),
                "{}",
                refused.text()
            );
        }
    }
}

#[test]
#[ignore = "needs what tests/requirements.txt names"]
fn a_validator_finds_nothing() {
    let server = Server::start(&[]);
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("openapi.json"), server.send("GET", "/openapi.json", &[], b"").body).unwrap();
    let said = run("openapi-spec-validator", &["openapi.json"], directory.path());
    assert!(said.contains("OK"), "{said}");
}

#[test]
#[ignore = "needs what tests/requirements.txt names"]
fn schemathesis_finds_no_deviation() {
    let server = Server::on(Kind::Sqlite, &[]);
    for number in 0..20 {
        let body = json!({ "Name": format!("n{number}"), "Events": ["sale.sold"], "Headers": { "X": "y" } });
        assert_eq!(server.send("POST", "/api/v1/Webhook", &[], body.to_string().as_bytes()).status, 201);
    }
    let directory = TempDir::new().unwrap();
    let address = format!("http://{}/openapi.json", server.address);
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let arguments = [
        "run",
        &address,
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        "50",
        "--seed",
        "1",
        "--generation-database",
        "none",
        "--request-timeout",
        "10",
        "--no-color",
        "--checks",
        checks,
    ];
    let said = run("st", &arguments, directory.path());
    assert!(said.contains("Tested: 12"), "{said}");
    let last: Value = server.send("POST", "/api/v1/Agents/Webhook/GetAllWebhooks", &[], b"{}").json();
    assert!(last.is_array());
}
