//! The walk through the README: each command is sent over HTTP to the program, in order, and has to be answered as the
//! README says.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

const README: &str = include_str!("../README.md");
const WRITTEN_ADDRESS: &str = "127.0.0.1:8080";
const START: &str = "cargo run -p users";
const PATIENCE: Duration = Duration::from_secs(60);

/// The program on a free port. It ends when this is dropped.
struct Server {
    child: Child,
    /// Open, so that the program can write to it.
    _stdout: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn start() -> Server {
        let program = env!("CARGO_BIN_EXE_users");
        let mut child =
            Command::new(program).arg("127.0.0.1:0").stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the program says where it listens");
        let address = line.trim_end().strip_prefix("http://").and_then(|rest| rest.strip_suffix("/users/1"));
        let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        Server { child, _stdout: stdout, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command, which a backslash continues on the next line, and the lines after it.
struct Step {
    command: String,
    answer: Vec<&'static str>,
}

fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_inside = false;
    for line in README.lines() {
        if line.starts_with("```") {
            is_inside = line == "```console";
        } else if !is_inside {
            continue;
        } else if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command: command.to_owned(), answer: Vec::new() });
        } else {
            let step = steps.last_mut().expect("a block begins with a command");
            match step.command.strip_suffix('\\') {
                Some(start) => step.command = format!("{start}{}", line.trim_start()),
                None => step.answer.push(line),
            }
        }
    }
    steps
}

/// The words of a command: quotes are single, and nothing is escaped.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for character in command.chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// What `curl -i` sends.
fn request(command: &str, address: &str) -> String {
    let words = words(command);
    let mut words = words.iter().map(String::as_str);
    assert_eq!((words.next(), words.next()), (Some("curl"), Some("-i")), "{command}");
    let (mut method, mut path, mut headers, mut body) = ("GET", None, String::new(), "");
    while let Some(word) = words.next() {
        let mut value = || words.next().expect("an option has a value");
        match word {
            "-X" => method = value(),
            "-H" => headers += &format!("{}\r\n", value()),
            "-d" => body = value(),
            _ => path = word.strip_prefix("http://").and_then(|rest| rest.strip_prefix(WRITTEN_ADDRESS)),
        }
    }
    let path = path.unwrap_or_else(|| panic!("{command} has no address"));
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

fn answer(request: &str, address: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the program listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    stream.write_all(request.as_bytes()).expect("the program reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the program answers");
    answer
}

/// An answer as the README shows it: the head without what differs each time or does not matter, and the body.
fn shown(answer: &str) -> Vec<String> {
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let is_shown = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !["date", "content-length", "connection", "content-type", "vary"].contains(&name)
    };
    let mut lines: Vec<String> = head.lines().filter(is_shown).map(str::to_owned).collect();
    if !body.is_empty() {
        lines.push(body.to_owned());
    }
    lines
}

#[test]
fn each_command_is_answered_as_the_readme_says() {
    let server = Server::start();
    let steps = steps();
    let (start, requests) = steps.split_first().expect("the README has commands");
    assert_eq!(start.command, START);
    assert_eq!(start.answer, [format!("http://{WRITTEN_ADDRESS}/users/1")]);
    let mut found = String::new();
    let mut differ = 0;
    for step in requests {
        let answer = answer(&request(&step.command, &server.address), &server.address);
        let answer = shown(&answer);
        differ += usize::from(answer != step.answer);
        found += &format!("$ {}\n{}\n", step.command, answer.join("\n"));
    }
    assert_eq!(differ, 0, "the answers are\n{found}");
    assert!(requests.len() >= 15, "the README has {} requests", requests.len());
}
