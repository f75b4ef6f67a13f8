//! `lockgate-torture`: see `--help`.

use std::io::IsTerminal as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use indicatif::ProgressBar;
use lockgate_torture::{Options, Report, Sample, run};

/// Kills, stops and starves a real Lockgate under load, and checks that nothing acknowledged is lost
///
/// Exit codes: 0 every promise was kept, 1 one was not, or the run did not work, 2 usage.
/// `cargo xtask torture` builds everything and starts this.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// How long things are broken, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Repeats the decisions of another run [default: a new one]
    #[arg(long)]
    seed: Option<u64>,
    /// Whose data is submitted, besides synthetic tasks
    #[arg(long, value_enum, default_value_t = Set::Both)]
    set: Set,
    /// Another WordPress export than the sample's own
    #[arg(long, value_name = "FILE")]
    wordpress: Option<PathBuf>,
    /// Another folder of AdventureWorks tables than the sample's own
    #[arg(long, value_name = "FOLDER")]
    adventureworks: Option<PathBuf>,
    /// Folder of `lockgate` and the feeds [default: that of this program]
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Folder of the connectors' components
    #[arg(long)]
    guests: PathBuf,
    /// Folder of the sample connectors
    #[arg(long)]
    samples: PathBuf,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
    /// Keep store, record and log even when all is well
    #[arg(long)]
    keep: bool,
    /// Torture so many nodes on one PostgreSQL, which this starts, instead of one server on a file
    #[arg(long, value_name = "NUMBER", conflicts_with = "sabotage")]
    nodes: Option<usize>,
    /// Put an older copy of the store back in between: must end with 1
    #[arg(long)]
    sabotage: bool,
    /// Started by itself in a mount namespace of its own
    #[arg(long, hide = true)]
    may_mount: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Set {
    Wordpress,
    Adventureworks,
    Both,
}

fn main() -> ExitCode {
    match torture(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn torture(cli: Cli) -> Result<bool> {
    if !cli.may_mount && may_have_mounts() {
        return Err(in_own_namespace());
    }
    let seed = cli.seed.unwrap_or_else(a_seed);
    eprintln!("seed {seed}");
    let sets = sets(&cli);
    let folder = tempfile::Builder::new().prefix("lockgate-torture-").tempdir()?;
    let own = std::env::current_exe()?;
    let options = Options {
        programs: absolute(cli.programs.or_else(|| own.parent().map(PathBuf::from)).context("no folder of programs")?)?,
        guests: absolute(cli.guests)?,
        samples: absolute(cli.samples)?,
        sets,
        folder: folder.path().to_owned(),
        time: Duration::from_secs(cli.seconds),
        seed,
        sabotage: cli.sabotage,
        nodes: cli.nodes.map(|nodes| nodes.max(1)),
        may_mount: cli.may_mount,
    };
    let progress = if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    let done = run(&options, &progress);
    progress.finish_and_clear();
    let keep = cli.keep || done.as_ref().map_or(true, |report| !report.violations.is_empty());
    let kept = keep.then(|| folder.keep());
    let report =
        Report { folder: kept.clone(), ..done.with_context(|| kept.map_or_else(String::new, |kept| format!("in {}", kept.display())))? };
    let mut out = std::io::stdout().lock();
    if cli.json {
        serde_json::to_writer(&mut out, &report)?;
        std::io::Write::write_all(&mut out, b"\n")?;
    } else {
        report.text(&mut out)?;
    }
    Ok(report.violations.is_empty())
}

fn sets(cli: &Cli) -> Vec<Sample> {
    let sample = |name: &str, given: &Option<PathBuf>, own: &str| {
        let data = given.clone().unwrap_or_else(|| cli.samples.join(name).join(own));
        if !data.exists() {
            eprintln!("skipped: {} is not here", data.display());
            return None;
        }
        Some(Sample { name: name.to_owned(), data })
    };
    let wordpress = (cli.set != Set::Adventureworks).then(|| sample("wordpress", &cli.wordpress, "data/sample.xml"));
    let adventureworks = (cli.set != Set::Wordpress).then(|| sample("adventureworks", &cli.adventureworks, "data"));
    [wordpress, adventureworks].into_iter().flatten().flatten().collect()
}

/// Whether this process may make a mount namespace and mount in it: on Linux root may, elsewhere
/// and in most containers nobody.
fn may_have_mounts() -> bool {
    let probe = "mount -t tmpfs -o size=1m tmpfs /mnt && mount -o remount,size=2m /mnt";
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", probe]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The same program again, where its mounts are nobody else's. Comes back only if that fails.
fn in_own_namespace() -> anyhow::Error {
    let own = match std::env::current_exe() {
        Ok(own) => own,
        Err(error) => return error.into(),
    };
    Command::new("unshare").arg("-m").arg(own).args(std::env::args_os().skip(1)).arg("--may-mount").exec().into()
}

fn absolute(path: PathBuf) -> Result<PathBuf> {
    std::path::absolute(&path).with_context(|| path.display().to_string())
}

/// The time will do.
fn a_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.as_secs() * 1_000 + u64::from(now.subsec_millis()))
}
