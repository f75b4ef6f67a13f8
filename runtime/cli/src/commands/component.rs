//! `lockgate component`: what toolchains leave to be done, without a further tool.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;
use lockgate_author::component::{self, Adapter, NotMade};
use serde_json::{Value, json};

use super::connector::manifest;
use crate::exit::Failure;
use crate::file::{self, Existing};
use crate::{input, out};

/// Make components of core modules, and look into them
#[derive(Debug, Subcommand)]
pub enum Component {
    /// Make a component of a core module, with the contract built in
    ///
    /// For toolchains that make core modules: C, Go, `wasm32-unknown-unknown`. Imports of WASI
    /// preview 1 are answered by a built-in adapter that grants nothing, unless --adapt names one.
    ///
    /// Example: lockgate component new core.wasm -o shop.wasm --manifest manifest.toml
    #[command(verbatim_doc_comment)]
    New {
        /// The core module
        #[arg(value_name = "CORE.wasm")]
        core: PathBuf,
        /// Where the component goes; a component that is there is replaced
        #[arg(short, long, value_name = "OUT.wasm")]
        output: PathBuf,
        /// Replace the file also if it is not a component
        #[arg(long)]
        force: bool,
        /// What the connector asks for, to be put into the component
        #[arg(long, value_name = "FILE.toml")]
        manifest: Option<PathBuf>,
        /// Core module that answers the imports from the module NAME [default: the file's name up to its first dot]
        #[arg(long, value_name = "[NAME=]FILE")]
        adapt: Vec<String>,
    },
    /// Print what a component imports and exports, as WIT
    ///
    /// Example: lockgate component wit shop.wasm
    #[command(verbatim_doc_comment)]
    Wit {
        /// A component, or a core module that says of which world it is
        #[arg(value_name = "FILE.wasm")]
        file: PathBuf,
    },
}

impl Component {
    pub fn run(self, json: bool) -> Result<()> {
        match self {
            Self::New { core, output, manifest, adapt, force } => {
                let made = new(&core, manifest.as_deref(), &adapt)?;
                // Built anew and anew; something else under this name was not made by this command.
                let existing = if force || file::begins_with(&output, manifest::PREAMBLE) { Existing::Replaced } else { Existing::Kept };
                file::write(&output, &made, existing)?;
                let bytes = made.len() as u64;
                let answer: Value = json!({"file": output, "bytes": bytes});
                out::show(json, &answer, |_| out::line(format!("{}: a component of {}", output.display(), out::bytes(bytes))))
            }
            Self::Wit { file } => {
                let bytes = input::read_file(&file)?;
                let wit = component::wit(&bytes).map_err(|error| {
                    Failure::invalid(format!("{}: {error:#}", file.display()))
                        .hint("name a component, as `lockgate component new` makes it")
                })?;
                out::show(json, &json!({"file": file, "wit": wit}), |_| out::lines(wit.trim_end()))
            }
        }
    }
}

fn new(core: &Path, manifest: Option<&Path>, adapt: &[String]) -> Result<Vec<u8>> {
    let module = input::read_file(core)?;
    let adapters = adapt.iter().map(|named| adapter(named)).collect::<Result<Vec<_>>>()?;
    let made = component::new(&module, &adapters).map_err(|error| not_made(core, &error))?;
    manifest::with_file(made, core, manifest)
}

/// `[NAME=]FILE`.
fn adapter(named: &str) -> Result<Adapter> {
    let (name, file) = match named.split_once('=') {
        Some((name, file)) => (name.to_owned(), Path::new(file)),
        None => {
            let file = Path::new(named);
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            (name.split('.').next().unwrap_or_default().to_owned(), file)
        }
    };
    let module = input::read_file(file)?;
    Ok(Adapter::new(name, &module).map_err(|error| Failure::invalid(format!("{}: {error}", file.display())))?)
}

fn not_made(core: &Path, error: &NotMade) -> Failure {
    let hint = match error {
        NotMade::Already => "nothing is left to be done: `lockgate connector add NAME FILE.wasm` installs it",
        NotMade::NoModule(_) => "name what your compiler made for a WebAssembly target",
        NotMade::Foreign(_) => "build for plain WebAssembly or WASI preview 1, or name an adapter with --adapt NAME=FILE",
        NotMade::Program { by_go: true } => {
            "add -buildmode=c-shared: GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags=\"-w -checklinkname=0\" -o core.wasm ."
        }
        NotMade::Program { by_go: false } => "link a library that is initialised and then called: with clang, -mexec-model=reactor",
        NotMade::Misfit(_) => {
            "the module must export the three methods as `lockgate bindings` declares them: build it with the current bindings, \
             and see that the linker keeps their exports"
        }
    };
    Failure::invalid(format!("{}: {error}", core.display())).hint(hint)
}
