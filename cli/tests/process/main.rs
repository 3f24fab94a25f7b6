//! The tool as a process: what it prints, where, how it ends, and what is left of the files.

mod inputs;
mod replacing;
mod rows;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

/// How a run ended.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    output: String,
    errors: String,
}

/// A folder of its own, which is also where the tool runs; removed in the end.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("entity-patch-test-{}-{number}", process::id()));
        fs::create_dir(&path).expect("a new folder");
        Folder { path }
    }

    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder::new();
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.file(name), text).expect("a file in the folder");
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.file(name)).expect("a file in the folder")).expect("it is UTF-8")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).expect("the folder is there");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort();
        names
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.path).env_remove("NO_COLOR").env("TERM", "xterm");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn tool(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_entity-patch"));
        command.args(arguments);
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ended {
        ended(self.tool(arguments), input)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn ended(mut command: Command, input: &str) -> Ended {
    let mut child = command.spawn().expect("the tool starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let output = std::thread::scope(|scope| {
        // The tool may end without reading all of it.
        scope.spawn(move || pipe.write_all(input.as_bytes()).is_ok());
        child.wait_with_output().expect("the tool ends")
    });
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    Ended { code: output.status.code(), output: text(output.stdout), errors: text(output.stderr) }
}
