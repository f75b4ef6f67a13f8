//! `lockgate export`.

use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use crate::client::Client;
use crate::context::Context;
use crate::file::{Existing, NewFile, Readers, cannot_write};
use crate::out;
use crate::request::Request;

/// Write everything that is stored as NDJSON, one row a line
///
/// With --canonical without ids, GUIDs that the store gave, and times, so that two stores can be
/// compared. The file gets its name when it is whole. Only its owner may read it; one that is
/// replaced keeps its owner and its rights. Characters that a terminal would obey, such as
/// text-direction marks, are written as `\\uXXXX`.
///
/// Example: lockgate export --canonical --out before.ndjson
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Export {
    /// Leave out what differs between two stores with the same content
    #[arg(long)]
    canonical: bool,
    /// File to write; `-` is standard output [default: -]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "out")]
    force: bool,
}

impl Export {
    pub fn run(self, context: &Context) -> Result<()> {
        let client = context.client_to_read()?;
        let request = Request::get(&["v1", "export"]).maybe("canonical", self.canonical.then_some("true"));
        let Some(path) = self.out.filter(|path| path != Path::new("-")) else {
            return download(&client, request, io::stdout().lock());
        };
        let existing = if self.force { Existing::Replaced } else { Existing::Kept };
        let new = NewFile::begin(&path, existing, Readers::Owner)?;
        download(&client, request, new.file()).map_err(|error| match error.downcast::<io::Error>() {
            Ok(error) => cannot_write(&path, &error).into(),
            Err(error) => error,
        })?;
        new.finish()?;
        context.show(&serde_json::json!({"file": path}), |_| out::line(format!("exported to {}", path.display())))
    }
}

fn download(client: &Client, request: Request, to: impl io::Write) -> Result<()> {
    let mut out = out::Json::new(BufWriter::new(to));
    client.download(request, &mut out)?;
    Ok(out.flush()?)
}
