//! `--in-place`: the file holds the old text or the new one, whatever happens.

use std::{fs, process::Command, thread, time::Duration};

use crate::{Ended, Folder, ended};

const OLD: &str = "{\"a\": 1.0}\n";
const NEW: &str = "{\"a\": 2}\n";

fn folder() -> Folder {
    Folder::with(&[("target.json", OLD), ("patch.json", "{\"a\": 2}")])
}

#[track_caller]
fn is_quiet(ended: &Ended) {
    assert_eq!((ended.code, ended.output.as_str(), ended.errors.as_str()), (Some(0), "", ""));
}

#[test]
fn a_file_is_replaced() {
    for arguments in
        [["apply", "--in-place", "target.json", "patch.json"], ["merge", "-i", "./target.json", "patch.json"]]
    {
        let folder = folder();
        is_quiet(&folder.run(&arguments, ""));
        assert_eq!(folder.read("target.json"), NEW);
        assert_eq!(folder.names(), ["patch.json", "target.json"]);
    }
    let folder = folder();
    is_quiet(&folder.run(&["apply", "-ip", "target.json", "-"], "{\"b\":[1]}"));
    assert_eq!(folder.read("target.json"), "{\n  \"a\": 1.0,\n  \"b\": [\n    1\n  ]\n}\n");
}

#[test]
fn a_patch_that_changes_nothing_writes_nothing() {
    let folder = folder();
    let modified = || fs::metadata(folder.file("target.json")).and_then(|data| data.modified()).expect("a file");
    let before = modified();
    thread::sleep(Duration::from_millis(20));
    is_quiet(&folder.run(&["apply", "-i", "target.json", "-"], "[]"));
    assert_eq!((folder.read("target.json").as_str(), modified()), (OLD, before));
}

#[test]
fn a_failure_leaves_the_file() {
    let rows = [
        ("[{\"op\":\"remove\",\"path\":\"/b\"}]", 1),
        ("[{\"op\":\"remove\",\"path\":\"/a\"},{\"op\":\"remove\",\"path\":\"/b\"}]", 1),
        ("nonsense", 2),
        ("", 2),
    ];
    for (patch, code) in rows {
        let folder = folder();
        let ended = folder.run(&["apply", "-i", "target.json", "-"], patch);
        assert_eq!((ended.code, folder.read("target.json").as_str()), (Some(code), OLD), "{patch}");
        assert_eq!(folder.names(), ["patch.json", "target.json"]);
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    for mode in [0o600, 0o640, 0o644, 0o755] {
        let folder = folder();
        fs::create_dir(folder.file("inside")).expect("a folder");
        folder.write("inside/data", OLD);
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(folder.file("inside/data"), permissions).expect("it is this test's file");
        symlink("inside/data", folder.file("link")).expect("a link");
        symlink("link", folder.file("link to the link")).expect("a link");
        is_quiet(&folder.run(&["apply", "-i", "link to the link", "patch.json"], ""));
        assert_eq!(folder.read("inside/data"), NEW);
        assert_eq!(fs::read_link(folder.file("link")).expect("still a link").to_str(), Some("inside/data"));
        let after = fs::metadata(folder.file("inside/data")).expect("a file").permissions().mode();
        assert_eq!(after & 0o7777, mode);
        assert_eq!(fs::read_dir(folder.file("inside")).expect("a folder").count(), 1);
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_file_or_folder_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;

    let set_mode = |folder: &Folder, name: &str, mode| {
        fs::set_permissions(folder.file(name), fs::Permissions::from_mode(mode)).expect("it is this test's file");
    };
    for (name, mode) in [("target.json", 0o444), ("", 0o555)] {
        let folder = folder();
        // A copy, since another user may not be allowed into the folder of the tool.
        fs::copy(env!("CARGO_BIN_EXE_entity-patch"), folder.file("tool")).expect("a copy");
        set_mode(&folder, name, mode);
        let ended = ended(unprivileged(&folder, &["apply", "-i", "target.json", "patch.json"]), "");
        set_mode(&folder, "", 0o755);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.errors.starts_with("error: cannot write target.json: "), "{ended:?}");
        assert_eq!(folder.read("target.json"), OLD);
        assert_eq!(folder.names(), ["patch.json", "target.json", "tool"]);
    }
}

/// The tool without the rights of root, for whom every file is writable.
#[cfg(unix)]
fn unprivileged(folder: &Folder, arguments: &[&str]) -> Command {
    use std::os::unix::{fs::MetadataExt, process::CommandExt};

    let mut command = folder.command(folder.file("tool"));
    command.args(arguments);
    if fs::metadata(&folder.path).expect("a folder").uid() == 0 {
        command.uid(65534).gid(65534);
    }
    command
}

/// The file system refuses to take more: here it is the limit of the process on a file's size, in blocks of 512 bytes.
#[cfg(target_os = "linux")]
#[test]
fn a_write_that_fails_halfway_leaves_the_file() {
    // With the signal ignored the write fails; without, the process is killed in the middle of it.
    for (trap, code) in [("trap '' XFSZ;", Some(2)), ("", None)] {
        let folder = folder();
        folder.write("patch.json", format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 19)));
        let mut command = folder.command("/bin/sh");
        command.arg("-c").arg(format!("{trap} ulimit -c 0; ulimit -f 64; exec \"$0\" \"$@\""));
        command.arg(env!("CARGO_BIN_EXE_entity-patch")).args(["apply", "-i", "target.json", "patch.json"]);
        let ended = ended(command, "");
        assert_eq!((ended.code, folder.read("target.json").as_str()), (code, OLD), "{ended:?}");
        assert_eq!(folder.names().len(), if code.is_some() { 2 } else { 3 }, "{:?}", folder.names());
        // What was left there is in nobody's way.
        is_quiet(&folder.run(&["apply", "-i", "target.json", "-"], "{\"a\": 2}"));
        assert_eq!(folder.read("target.json"), NEW);
    }
}

/// Whenever it is killed, the file is whole.
#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    let old = format!("{{\"a\": 1, \"padding\": [{}0]}}", "0, ".repeat(1 << 20));
    let new = old.replacen('1', "2", 1);
    let folder = folder();
    let mut left = 0;
    for round in 0..24 {
        folder.write("target.json", &old);
        let mut child = folder.tool(&["apply", "-i", "target.json", "patch.json"]).spawn().expect("the tool starts");
        thread::sleep(Duration::from_millis(2 * round));
        child.kill().expect("it is this test's child");
        child.wait().expect("it ends");
        let text = folder.read("target.json");
        assert!(text == old || text == new, "round {round}: {} bytes", text.len());
        left += usize::from(text == old);
    }
    assert!(left > 0, "no kill came in time");
}
