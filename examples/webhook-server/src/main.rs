//! The webhook API of the documents that `entity-patch` implements, as a server on axum and SQLite: it proves that the
//! library's rules are enough to build one.
//!
//! Options are read in `options`, requests are answered in `server`, entities are kept in `store`; the formats are in
//! `media`, `xml` and `form`. See `README.md` for a walk through it.

#![forbid(unsafe_code)]

mod clock;
mod form;
mod media;
mod options;
mod refusal;
mod server;
mod store;
mod target;
mod xml;

use std::{fmt, io::Write, process::ExitCode, sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::Notify};

use crate::{
    options::{Options, OptionsError},
    server::App,
    store::{Store, StoreError},
};

/// How long requests that are under way may take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Options::read(&arguments).map_err(Failure::Options).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "webhook-server: {failure}");
            failure.exit_code()
        }
    }
}

fn run(options: Options) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    let ended = runtime.block_on(serve(options));
    runtime.shutdown_timeout(GRACE);
    ended
}

async fn serve(options: Options) -> Result<(), Failure> {
    let store = Store::open(&options.database).map_err(Failure::Store)?;
    let listener = TcpListener::bind(options.listen).await.map_err(Failure::Listen)?;
    let address = listener.local_addr().map_err(Failure::Listen)?;
    let app = Arc::new(App::new(store, options, address));
    let router = Router::new().fallback(server::answer).with_state(app);

    // The one line that tells whoever started the server that it is ready, and where.
    let _ = writeln!(std::io::stdout(), "webhook-server listening on http://{address}");
    let _ = std::io::stdout().flush();

    let stopped = Arc::new(Notify::new());
    let graceful = axum::serve(listener, router).with_graceful_shutdown({
        let stopped = Arc::clone(&stopped);
        async move {
            stop_signal().await;
            stopped.notify_one();
        }
    });
    let out_of_patience = async {
        stopped.notified().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = graceful => ended.map_err(Failure::Listen),
        () = out_of_patience => Ok(()),
    }
}

/// Ctrl-C, or what a service manager sends.
async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Why the server does not run.
#[derive(Debug)]
enum Failure {
    Options(OptionsError),
    Store(StoreError),
    Listen(std::io::Error),
    Runtime(std::io::Error),
}

impl Failure {
    fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Options(_) => ExitCode::from(2),
            Failure::Store(_) | Failure::Listen(_) | Failure::Runtime(_) => ExitCode::from(1),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Options(error) => error.fmt(formatter),
            Failure::Store(error) => write!(formatter, "the database cannot be opened: {error}"),
            Failure::Listen(error) => write!(formatter, "it cannot listen: {error}"),
            Failure::Runtime(error) => write!(formatter, "the runtime does not start: {error}"),
        }
    }
}
