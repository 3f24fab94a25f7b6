//! Starts the server.

#![forbid(unsafe_code)]

use std::{io::Write, path::Path, process::ExitCode, sync::Arc};

use axum::Router;
use tokio::net::TcpListener;
use webhook_server::{
    app::{App, answer},
    listen, log,
    options::Options,
    storage::{Database, postgres::Postgres, sqlite::Sqlite},
    users::Users,
};

fn main() -> ExitCode {
    let (options, users) = Options::read().unwrap_or_else(|error| error.exit());
    let log = log::start(options.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime does not start: {error}")),
    };
    let grace = options.grace;
    let ended = runtime.block_on(start(options, users));
    runtime.shutdown_timeout(grace);
    drop(log);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure),
    }
}

fn failed(failure: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "webhook-server: {failure}");
    ExitCode::FAILURE
}

async fn start(options: Options, users: Users) -> Result<(), String> {
    let closed = |error: String| format!("the database cannot be opened: {error}");
    match options.database.split_once("://") {
        Some(("postgres" | "postgresql", _)) => {
            let database = Postgres::open(&options.database).await.map_err(closed)?;
            serve(database, options, users).await
        }
        // The address of something else may hold a password: it is not shown as the name of a file.
        Some(_) => Err(closed("it is neither a file nor the address of a PostgreSQL".to_owned())),
        None => serve(Sqlite::open(Path::new(&options.database)).map_err(closed)?, options, users).await,
    }
}

async fn serve(database: impl Database, options: Options, users: Users) -> Result<(), String> {
    listen::survive_file_limits();
    let closed = |error| format!("it cannot listen: {error}");
    let listener = TcpListener::bind(options.listen).await.map_err(closed)?;
    let address = listener.local_addr().map_err(closed)?;
    let app = Arc::new(App::new(database, &options, users, address));
    let router = Router::new().fallback(answer).with_state(app);

    // The one line that tells whoever started the server that it is ready, and where.
    let _ = writeln!(std::io::stdout(), "webhook-server listening on http://{address}");
    let _ = std::io::stdout().flush();
    listen::serve(listener, router, options.header_timeout, options.grace).await;
    Ok(())
}
