//! `lockgate export`.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::out;
use crate::request::Request;
use crate::wire::Making;

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
        let client = context.client_to_read()?;
        let request = Request::get(&["v1", "export"]).maybe("canonical", self.canonical.then_some("true"));
        let Some(path) = self.out else {
            let mut out = BufWriter::new(io::stdout().lock());
            client.download(request, &mut out)?;
            return Ok(out.flush()?);
        };
        // Under another name until it is whole.
        let failed = |error: io::Error| Failure::new(Exit::Invalid, format!("cannot write {}: {error}", path.display()));
        let making = Making::plain_beside(&path).map_err(failed)?;
        let mut out = BufWriter::new(making.file());
        client.download(request, &mut out)?;
        out.flush().map_err(failed)?;
        drop(out);
        making.name_over(&path).map_err(failed)?;
        context.show(&serde_json::json!({"file": path}), |_| out::line(format!("exported to {}", path.display())))
    }
}
