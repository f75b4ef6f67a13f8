//! stdout and stderr of a guest, line by line into the task's log.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use lockgate_core::history::Level;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::task_log::TaskLog;

/// Longest line; longer ones are broken. Also the most that one write may bring.
const LINE_BYTES_MAX: usize = 4_096;

/// Splits what a guest prints into lines.
pub struct OutputLines {
    level: Level,
    log: Arc<Mutex<TaskLog>>,
    begun: Mutex<Lines>,
}

#[derive(Default)]
struct Lines {
    begun: Vec<u8>,
    tail: String,
}

impl OutputLines {
    /// Lines go into the log at this level.
    pub fn new(level: Level, log: Arc<Mutex<TaskLog>>) -> Arc<Self> {
        Arc::new(Self { level, log, begun: Mutex::default() })
    }

    /// Logs the line that was begun and not ended.
    pub fn flush(&self) {
        let mut lines = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        self.end_line(&mut lines);
    }

    /// What was printed last, bounded.
    pub fn tail(&self) -> Option<String> {
        let lines = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        (!lines.tail.is_empty()).then(|| lines.tail.clone())
    }

    fn print(&self, bytes: &[u8]) {
        let mut lines = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        for &byte in bytes {
            if byte == b'\n' {
                self.end_line(&mut lines);
                continue;
            }
            if lines.begun.len() >= LINE_BYTES_MAX {
                self.end_line(&mut lines);
            }
            lines.begun.push(byte);
        }
    }

    fn end_line(&self, lines: &mut Lines) {
        if lines.begun.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(&lines.begun).into_owned();
        lines.begun.clear();
        self.log.lock().unwrap_or_else(PoisonError::into_inner).write(self.level, line.trim_end());
        if lines.tail.len() + line.len() > LINE_BYTES_MAX {
            lines.tail.clear();
        }
        if !lines.tail.is_empty() {
            lines.tail.push('\n');
        }
        lines.tail.push_str(&line);
    }
}

/// The end that WASI writes to.
pub struct Sink(pub Arc<OutputLines>);

impl IsTerminal for Sink {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Sink {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        // WASI 0.3 only, which is not linked.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Self(Arc::clone(&self.0)))
    }
}

#[async_trait]
impl Pollable for Sink {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for Sink {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.print(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LINE_BYTES_MAX)
    }
}
