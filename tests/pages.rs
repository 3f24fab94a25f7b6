//! The pages: what they show is what the examples run, their commands make a server, and their links lead somewhere.
//! Their blocks of Rust are doctests of the crate.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const README: &str = include_str!("../README.md");

/// The blocks of code of a page: the language, and the lines.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (language, after) = after.split_once('\n').expect("a line ends");
        let (block, after) = after.split_once("\n```").expect("a block ends");
        blocks.push((language, block));
        rest = after;
    }
    blocks
}

/// The only block of a language.
fn block<'p>(page: &'p str, language: &str) -> &'p str {
    let found: Vec<&str> = blocks(page).into_iter().filter(|block| block.0 == language).map(|block| block.1).collect();
    assert_eq!(found.len(), 1, "{language}");
    found[0]
}

/// A program without its first comment.
fn program(source: &str) -> &str {
    let start = source.find("\nuse ").expect("it uses something");
    source[start..].trim()
}

/// The structs of the first example.
fn structs() -> &'static str {
    let example = block(README, "rust");
    let (start, end) = (example.find("#[derive").expect("a struct"), example.find("fn main").expect("a function"));
    example[start..end].trim()
}

#[test]
fn the_readme_shows_the_examples() {
    assert_eq!(block(README, "rust"), program(include_str!("../examples/readme.rs")));
    let ten_lines = include_str!("../examples/ten_lines.rs");
    let server = block(README, "rust,ignore");
    assert_eq!(server.lines().count(), 10);
    assert_eq!(
        program(ten_lines).split_once("\n#[derive").map(|parts| parts.1),
        {
            let expected = format!("{}\n\n{server}", structs());
            expected.strip_prefix("#[derive").map(str::to_owned)
        }
        .as_deref()
    );
}

#[test]
fn every_block_is_run_or_shows_what_was_before() {
    let pages = [
        ("README.md", README, &["rust", "rust,ignore", "sh", "console"][..]),
        ("docs/rules.md", include_str!("../docs/rules.md"), &["rust"]),
        ("docs/performance.md", include_str!("../docs/performance.md"), &["rust"]),
        ("docs/migrating.md", include_str!("../docs/migrating.md"), &["rust", "csharp", "go"]),
    ];
    for (name, page, languages) in pages {
        let blocks = blocks(page);
        assert!(!blocks.is_empty(), "{name}");
        for (language, block) in blocks {
            assert!(languages.contains(&language), "{name} has a block that nobody runs: {language}\n{block}");
        }
    }
    assert!(README.lines().count() <= 130, "the README fits two screens");
}

/// What a page leads to: the targets of its links.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|link| !link.contains(char::is_whitespace))
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn links_lead_somewhere() {
    let mut pages = 0;
    let mut check = |folder: &Path| {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            pages += 1;
            let page = fs::read_to_string(&path).expect("a page");
            let anchors: Vec<String> = page
                .lines()
                .filter_map(|line| Some(anchor(line.strip_prefix('#')?.trim_start_matches(['#', ' ']))))
                .collect();
            for link in links(&page) {
                let is_there = match link.split_once('#') {
                    Some(("", name)) => anchors.iter().any(|anchor| anchor == name),
                    _ if link.starts_with("https://") => true,
                    // The other packages of the workspace are not in this one's.
                    _ if ["cli/", "examples/users/"].iter().any(|package| link.starts_with(package))
                        && !Path::new(ROOT).join("derive").exists() =>
                    {
                        true
                    }
                    _ => folder.join(link).exists(),
                };
                assert!(is_there, "{}: {link} leads nowhere", path.display());
            }
        }
    };
    check(Path::new(ROOT));
    check(&Path::new(ROOT).join("docs"));
    assert!(pages >= 8, "{pages} pages");
}

/// A process that ends with its test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Follows the README in an empty folder: its commands, its structs and its ten lines are a server that answers as it
/// says. Cargo may have to ask the registry for what `cargo add` adds.
#[test]
fn who_follows_the_readme_has_a_server() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).expect("a folder");
    // A workspace of its own, with the versions of this one.
    let manifest = "[package]\nname = \"follower\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).expect("it is written");
    fs::copy(Path::new(ROOT).join("Cargo.lock"), folder.join("Cargo.lock")).expect("it is copied");

    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let address = format!("127.0.0.1:{port}");
    let uses = "use entity_patch::http::axum::{MemoryStore, Resource};";
    assert!(README.contains(&format!("`{uses}`")));
    let source = format!(
        "use entity_patch::{{Dialect, Entity}};\nuse serde::{{Deserialize, Serialize}};\n{uses}\n{}\n{}\n",
        structs(),
        block(README, "rust,ignore").replace("127.0.0.1:8080", &address),
    );
    fs::write(folder.join("src/main.rs"), source).expect("it is written");

    // The crate is not in a registry yet.
    let here = format!("cargo add --quiet --path '{ROOT}'");
    let script = block(README, "sh").replace("cargo add entity-patch", &here);
    let run = |command: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-ec", command]).current_dir(&folder).env_remove("RUSTFLAGS");
        // Nobody debugs it, and it is built once.
        shell.envs([("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_INCREMENTAL", "0")]);
        shell
    };
    assert!(script.contains(ROOT));
    for command in [script.as_str(), "cargo build --quiet"] {
        let output = run(command).output().expect("there is a shell");
        assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
    }

    let mut server = run("exec cargo run --quiet").stdout(Stdio::piped()).spawn().map(Server).expect("it starts");
    for _ in 0..200 {
        let is_running = server.0.try_wait().expect("it can be asked").is_none();
        assert!(is_running, "the server ended");
        if TcpStream::connect(&address).is_ok() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let (command, answer) = block(README, "console").split_once('\n').expect("a command and its answer");
    let command = command.strip_prefix("$ ").expect("a prompt").replace("127.0.0.1:8080", &address);
    let output = run(&command.replace("curl ", "curl --silent --max-time 20 ")).output().expect("there is a shell");
    let shown = BufReader::new(&output.stdout[..]).lines().next().expect("an answer").expect("UTF-8");
    assert_eq!(shown, answer);
}
