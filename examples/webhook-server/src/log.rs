//! The log on standard error. A thread writes it, and where nobody reads it lines are left out: no request waits.

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};

use crate::options::LogFormat;

/// How many lines may wait to be written.
const LINES: usize = 10_000;

/// Starts the log. It is written to its end when the guard is dropped.
pub fn start(format: LogFormat) -> WorkerGuard {
    let builder = NonBlockingBuilder::default().buffered_lines_limit(LINES).lossy(true).thread_name("log");
    let (writer, guard) = builder.finish(std::io::stderr());
    let subscriber = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_target(false);
    match format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    guard
}
