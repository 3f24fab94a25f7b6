//! Connections: accepted, bounded in time, and ended.

use std::{pin::pin, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
use tokio_io_timeout::TimeoutStream;

/// How long to wait where no connection can be accepted: too many may be open.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until a signal comes; then what is under way may take `grace` longer. A connection ends where the header fields
/// of a request, or the client that reads an answer, take longer than `patience`.
pub async fn serve(listener: TcpListener, router: Router, patience: Duration, grace: Duration) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience);
    let graceful = GracefulShutdown::new();
    let mut stopped = pin!(stop_signal());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(patience));
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        tokio::spawn(async move {
            // A client that leaves or is too slow is not an error of the server.
            let _ = connection.await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(grace, graceful.shutdown()).await;
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

/// A write beyond the limit of a file's size fails from now on, instead of ending the process: SQLite tells it as an error.
pub fn survive_file_limits() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        /// SIGXFSZ, on every Unix that this runs on.
        const FILE_SIZE: SignalKind = SignalKind::from_raw(25);
        let _ = signal(FILE_SIZE);
    }
}
