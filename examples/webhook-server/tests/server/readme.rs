//! The commands of the README: each is run, in its order, and has to print what is shown there.

use std::{path::Path, process::Command, sync::Arc};

use tempfile::TempDir;

use crate::harness::{PATIENCE, Place, Server};

/// A command and what it prints.
#[derive(Debug)]
struct Step {
    command: String,
    output: String,
}

/// The blocks of commands of a text: `$` begins one, `>` continues it, and what follows is its output.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_inside = line == "```console";
        } else if !is_inside {
            continue;
        } else if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command: command.to_owned(), output: String::new() });
        } else {
            let step = steps.last_mut().expect("a block begins with a command");
            match line.strip_prefix("> ") {
                Some(more) => step.command.push_str(&format!("\n{more}")),
                None => step.output.push_str(&format!("{line}\n")),
            }
        }
    }
    steps
}

/// The text with every time replaced by one.
fn timeless(text: &str) -> String {
    const TIME: &str = "0000-00-00T00:00:00.0000000Z";
    let is_time = |text: &str| {
        text.len() == TIME.len()
            && text.bytes().zip(TIME.bytes()).all(|(byte, pattern)| match pattern {
                b'0' => byte.is_ascii_digit(),
                _ => byte == pattern,
            })
    };
    let mut timeless = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match rest.get(..TIME.len()) {
            Some(start) if is_time(start) => {
                timeless.push_str(TIME);
                TIME.len()
            }
            _ => {
                timeless.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    timeless
}

/// What a shell prints that runs the command with the variables that were set before.
fn run(command: &str, variables: &[String], directory: &Path) -> String {
    let script = format!("{}\n{command}", variables.join("\n"));
    // The file of options keeps curl from waiting for ever.
    std::fs::write(directory.join(".curlrc"), format!("max-time = {}\n", PATIENCE.as_secs())).unwrap();
    let output = Command::new("sh").args(["-c", &script]).env("CURL_HOME", directory).current_dir(directory).output();
    let output = output.expect("there is a shell");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // What does not end its last line is continued by the prompt.
    if text.is_empty() || text.ends_with('\n') { text } else { text + "\n" }
}

#[cfg(unix)]
#[test]
fn each_command_of_the_readme_prints_what_it_shows() {
    const START: &str = "cargo run -p webhook-server";

    let steps = steps(include_str!("../../README.md"));
    let directory = Arc::new(TempDir::new().unwrap());
    let mut server: Option<Server> = None;
    let mut variables = Vec::new();
    for Step { command, output } in &steps {
        if let Some(options) = command.strip_prefix(START) {
            // The program that cargo has built, on a port that is free.
            let options: Vec<&str> = options.split_whitespace().skip_while(|word| *word == "--").collect();
            drop(server.take());
            let started = server.insert(Server::start_in(Place::in_directory(&directory), &options));
            assert_eq!(output, "webhook-server listening on http://127.0.0.1:8080\n");
            assert!(started.address.starts_with("127.0.0.1:"));
            continue;
        }
        let address = server.as_ref().map_or("", |server| server.address.as_str());
        let here = |text: &str| text.replace("127.0.0.1:8080", address);
        if command.starts_with("API=") {
            variables.push(here(command));
            continue;
        }
        let printed = run(&here(command), &variables, directory.path());
        assert_eq!(timeless(&printed), timeless(&here(output)), "{command}");
    }
    assert!(steps.len() > 25, "the README has its commands");
}
