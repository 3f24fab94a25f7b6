//! A file that is replaced as a whole: whoever reads it, and whatever fails, finds the old text or the new one.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process,
};

/// Replaces a file, or the one that a symbolic link leads to, by what is written. It keeps its permissions and, where the
/// system allows it, its owner.
///
/// The text goes to a new file in the same folder, which then takes the name of the old one. Until then nobody else may
/// read it: it may hold what the permissions of the old file protect.
pub fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let old = fs::metadata(&path)?;
    if !old.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    if old.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    let (file, temporary) = Temporary::new(folder)?;
    let mut writer = BufWriter::new(&file);
    write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    keep_access(&file, &old)?;
    file.sync_all()?;
    drop(file);
    temporary.rename(&path)?;
    // The new text is there; that its name outlasts a loss of power is all this adds, and not every file system can.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// A file that is removed unless it is renamed.
struct Temporary {
    path: Option<PathBuf>,
}

impl Temporary {
    fn new(folder: &Path) -> io::Result<(File, Temporary)> {
        let mut number = 0;
        loop {
            let path = folder.join(format!(".entity-patch-{}-{number}.tmp", process::id()));
            match create(&path) {
                Ok(file) => return Ok((file, Temporary { path: Some(path) })),
                // A run that was killed left it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn rename(mut self, path: &Path) -> io::Result<()> {
        if let Some(temporary) = &self.path {
            fs::rename(temporary, path)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn keep_access(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let new = file.metadata()?;
    let is_kept = (new.uid(), new.gid()) == (old.uid(), old.gid())
        || fchown(file, Some(old.uid()), Some(old.gid())).is_ok()
        || (new.uid() == old.uid() && fchown(file, None, Some(old.gid())).is_ok());
    // The bits that lend an owner's rights are for that owner.
    let bits = if is_kept { 0o7777 } else { 0o777 };
    file.set_permissions(fs::Permissions::from_mode(old.permissions().mode() & bits))
}

#[cfg(not(unix))]
fn keep_access(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}
