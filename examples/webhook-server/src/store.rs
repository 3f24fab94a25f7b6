//! Where webhooks are kept: one SQLite table of JSON texts, each with a version that every write raises by one.
//!
//! All of it blocks. Whoever waits for a connection is served in the order of arrival, so that of many writers each
//! gets its turn.

use std::{fmt, path::Path, time::Duration};

use entity_patch::superoffice::DateTime;
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior};
use tokio::sync::Mutex;

/// The layout of the table; a database of another one is refused.
const LAYOUT: i64 = 1;

/// How long a statement waits for another process.
const BUSY: Duration = Duration::from_secs(5);

/// A webhook as it is stored.
#[derive(Clone)]
pub struct Stored {
    /// Its JSON text, every member in the order of the table.
    pub json: Vec<u8>,
    /// 1 when it was created.
    pub version: u64,
    /// The text of its member `Updated`.
    pub updated: Option<DateTime>,
}

/// An open database. Reads do not wait for a write that is being made durable.
pub struct Store {
    reader: Mutex<Connection>,
    writer: Mutex<Connection>,
}

impl Store {
    /// Opens a database, or creates it, readable by its owner alone, since it holds secrets.
    pub fn open(file: &Path) -> Result<Store, StoreError> {
        create_private(file);
        let writer = connect(file)?;
        let layout: i64 = writer.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match layout {
            0 => writer.execute_batch(&format!(
                "BEGIN IMMEDIATE;
                 CREATE TABLE IF NOT EXISTS webhook (
                     id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
                     entity TEXT NOT NULL,
                     version INTEGER NOT NULL,
                     updated TEXT
                 ) STRICT;
                 PRAGMA user_version = {LAYOUT};
                 COMMIT;"
            ))?,
            LAYOUT => {}
            _ => return Err(StoreError::Layout(layout)),
        }
        Ok(Store { reader: Mutex::new(connect(file)?), writer: Mutex::new(writer) })
    }

    pub fn get(&self, id: i32) -> Result<Option<Stored>, StoreError> {
        let reader = self.reader.blocking_lock();
        let mut statement = reader.prepare_cached("SELECT entity, version, updated FROM webhook WHERE id = ?1")?;
        let row = statement.query_row([id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<String>>(2)?))
        });
        Ok(row.optional()?.map(|(json, version, updated)| Stored {
            json: json.into_bytes(),
            version: version.unsigned_abs(),
            updated: updated.and_then(|updated| updated.parse().ok()),
        }))
    }

    /// Stores a new webhook, whose JSON text is made for the id that it gets.
    pub fn insert<E: From<StoreError>>(
        &self,
        updated: &DateTime,
        json: impl FnOnce(i32) -> Result<Vec<u8>, E>,
    ) -> Result<Stored, E> {
        let mut writer = self.writer.blocking_lock();
        let failed = |error| E::from(StoreError::from(error));
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let insert = "INSERT INTO webhook (entity, version, updated) VALUES ('', 1, ?1)";
        transaction.execute(insert, [updated.as_str()]).map_err(failed)?;
        let id = i32::try_from(transaction.last_insert_rowid()).map_err(|_| StoreError::Full)?;
        let json = json(id)?;
        transaction
            .execute("UPDATE webhook SET entity = CAST(?2 AS TEXT) WHERE id = ?1", (id, json.as_slice()))
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(Stored { json, version: 1, updated: Some(updated.clone()) })
    }

    /// Replaces a webhook, unless somebody else has since that version: one statement compares and swaps. Once this
    /// returns `true`, the write survives whatever happens to the process.
    pub fn replace(&self, id: i32, version: u64, json: &[u8], updated: &DateTime) -> Result<bool, StoreError> {
        let writer = self.writer.blocking_lock();
        let mut statement = writer.prepare_cached(
            "UPDATE webhook SET entity = CAST(?3 AS TEXT), version = version + 1, updated = ?4
             WHERE id = ?1 AND version = ?2",
        )?;
        let version = i64::try_from(version).map_err(|_| StoreError::Full)?;
        Ok(statement.execute((id, version, json, updated.as_str()))? == 1)
    }
}

/// A connection on which a commit is durable when it returns: WAL with full synchronisation.
fn connect(file: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Creates the file if there is none; whether that worked, opening it will tell.
fn create_private(file: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(file);
}

/// What went wrong with the database. Its message shows nothing of an entity.
#[derive(Debug)]
pub enum StoreError {
    /// Another process holds it.
    Busy,
    /// By SQLite's own code.
    Sqlite(ErrorCode),
    /// Its layout is of another version of this server.
    Layout(i64),
    /// No id or version is left.
    Full,
    /// A row does not have the types of the layout.
    Row,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(code) => StoreError::Sqlite(code),
            None => StoreError::Row,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Busy => formatter.write_str("another process holds it"),
            StoreError::Sqlite(code) => write!(formatter, "SQLite says {code:?}"),
            StoreError::Layout(layout) => write!(formatter, "its layout is {layout}, and not {LAYOUT}"),
            StoreError::Full => formatter.write_str("no id is left"),
            StoreError::Row => formatter.write_str("a row does not have the types of the layout"),
        }
    }
}
