//! `lockgate export`.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::config::beside;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out;
use crate::request::Request;

/// Write everything that is stored as NDJSON, one row a line
///
/// With --canonical without ids, GUIDs that the store gave, and times, so that two stores can be
/// compared.
///
/// Example: lockgate export --canonical --out before.ndjson
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Export {
    /// Leave out what differs between two stores with the same content
    #[arg(long)]
    canonical: bool,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Export {
    pub fn run(self, context: &Context) -> Result<()> {
        let client = context.client()?;
        let request = Request::get(&["v1", "export"]).maybe("canonical", self.canonical.then_some("true"));
        let Some(path) = self.out else {
            let mut out = BufWriter::new(io::stdout().lock());
            client.download(request, &mut out)?;
            return Ok(out.flush()?);
        };
        // Under another name until it is whole.
        let part = beside(&path, ".part");
        let file = File::create(&part).map_err(|error| Failure::new(Exit::Invalid, format!("cannot write {}: {error}", part.display())))?;
        let mut out = BufWriter::new(file);
        let written = client.download(request, &mut out).and_then(|()| Ok(out.flush()?));
        if written.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        written?;
        std::fs::rename(&part, &path).with_context(|| format!("cannot rename {} to {}", part.display(), path.display()))?;
        context.show(&serde_json::json!({"file": path}), |_| out::line(format!("exported to {}", path.display())))
    }
}
