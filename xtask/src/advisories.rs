//! The database of security advisories that `cargo deny` looks into: RustSec's, fetched; or a copy of
//! it in a folder, where the network does not reach that far.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::build::root;

/// Where `deny.toml` has cargo-deny keep databases, and the name it gives this one.
const PLACE: &str = "target/advisory-dbs/advisory-db-3157b0e258782691";
/// Longest wait for the network.
const FETCH_MAX: Duration = Duration::from_secs(60);
/// A copy older than this is called old.
const OLD: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// An advisory that only the check of the check knows.
pub const MADE_UP: &str = "RUSTSEC-1970-0001";
/// Patched versions of the made-up advisory: none.
pub const AFFECTED: &str = "[]";
/// All versions are patched.
pub const NOT_AFFECTED: &str = r#"[">=0.0.0"]"#;

/// A database in its place.
pub struct Database {
    /// Which one it is, for the operator of the check.
    pub notice: String,
    made_up: PathBuf,
}

impl Database {
    /// Adds the made-up advisory: all versions of wasmtime but the patched ones.
    pub fn make_up(&self, patched: &str) -> Result<()> {
        let text = format!(
            "```toml\n[advisory]\nid = \"{MADE_UP}\"\npackage = \"wasmtime\"\ndate = \"1970-01-01\"\n\n\
             [versions]\npatched = {patched}\n```\n\n# Made up\n\nTo see that advisories are found.\n"
        );
        if let Some(folder) = self.made_up.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.made_up, text).with_context(|| format!("cannot write {}", self.made_up.display()))
    }

    /// Takes it away again.
    pub fn remove_made_up(&self) -> Result<()> {
        fs::remove_file(&self.made_up).with_context(|| format!("cannot remove {}", self.made_up.display()))
    }
}

/// Puts a database in its place: the folder that `LOCKGATE_ADVISORY_DB` names, else RustSec's own,
/// else the copy in `advisories/`, else none, which leaves yanked versions to be found.
pub fn lay(deny: &Path) -> Result<Database> {
    let place = root().join(PLACE);
    let own = root().join("advisories");
    let notice = match std::env::var_os("LOCKGATE_ADVISORY_DB") {
        Some(folder) => copy(&root().join(folder), &place)?,
        None if fetch(deny, &place)? => "advisories: RustSec's database, just fetched".to_owned(),
        None if own.join("crates").is_dir() => format!("RustSec's database cannot be reached; {}", copy(&own, &place)?),
        None => {
            clear(&place)?;
            "NOTICE: advisories are NOT checked, only yanked versions: RustSec's database cannot be reached, and there is no \
             copy in advisories/ (made from a checkout by `cargo xtask advisories FOLDER`; or name a checkout in \
             LOCKGATE_ADVISORY_DB)"
                .to_owned()
        }
    };
    Ok(Database { notice, made_up: place.join("crates/wasmtime").join(format!("{MADE_UP}.md")) })
}

/// Whether RustSec's database could be fetched.
fn fetch(deny: &Path, place: &Path) -> Result<bool> {
    if place.exists() && !place.join(".git/HEAD").exists() {
        // A copy from an earlier run: git could not pull into it.
        fs::remove_dir_all(place)?;
    }
    let mut command = Command::new(deny);
    command.args(["--locked", "fetch", "db"]).current_dir(root()).env("GIT_TERMINAL_PROMPT", "0");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("cannot run cargo-deny")?;
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if begun.elapsed() > FETCH_MAX {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// An empty database. cargo-deny asks for a git repository, but without fetching it only wants to
/// see when that was.
fn clear(place: &Path) -> Result<()> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    fs::create_dir_all(place.join(".git"))?;
    fs::create_dir_all(place.join("crates"))?;
    fs::write(place.join(".git/FETCH_HEAD"), "")?;
    Ok(())
}

/// Copies a database from a folder into its place and says how old it is.
fn copy(folder: &Path, place: &Path) -> Result<String> {
    clear(place)?;
    let mut advisories = 0;
    for name in crates_of(folder)? {
        advisories += copy_crate(folder, place, &name)?;
    }
    if advisories == 0 {
        bail!("{} has no advisories in crates/", folder.display());
    }
    let mut notice = format!("advisories: {advisories} from {}", folder.display());
    let Ok(taken) = fs::read(folder.join("taken.json")) else {
        return Ok(notice);
    };
    let taken: Value = serde_json::from_slice(&taken).context("taken.json is not JSON")?;
    let committed = taken.get("committed").and_then(Value::as_u64).unwrap_or(0);
    let age = SystemTime::now().duration_since(UNIX_EPOCH + Duration::from_secs(committed));
    let age = age.unwrap_or_default();
    notice.push_str(&format!(", {} days old", age.as_secs() / (24 * 60 * 60)));
    if age > OLD {
        notice.push_str("\nNOTICE: that is old: refresh it with `cargo xtask advisories FOLDER`");
    }
    let known: BTreeSet<&str> = taken.get("crates").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let locked = locked_crates()?;
    let unknown: Vec<&str> = locked.iter().map(String::as_str).filter(|name| !known.contains(name)).collect();
    if !unknown.is_empty() {
        notice.push_str(&format!("\nNOTICE: it was made before these were used: {}", unknown.join(", ")));
    }
    Ok(notice)
}

/// Keeps, in `advisories/`, what a checkout of RustSec's database has on the crates of Cargo.lock.
pub fn refresh(checkout: &Path) -> Result<()> {
    let git = Command::new("git").arg("-C").arg(checkout).args(["log", "-1", "--format=%ct %cs %H"]).output();
    let answer = git.context("cannot run git")?;
    let answer = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let [seconds, date, commit] = answer.split(' ').collect::<Vec<_>>()[..] else {
        bail!("{} is not a git checkout", checkout.display());
    };
    let own = root().join("advisories");
    let locked = locked_crates()?;
    let advisories = keep(checkout, &own, &locked)?;
    let taken = json!({
        "source": "https://github.com/RustSec/advisory-db, whose advisories are in the public domain (CC0-1.0) unless they say otherwise",
        "commit": commit, "date": date, "committed": seconds.parse::<u64>()?, "crates": locked,
    });
    fs::write(own.join("taken.json"), format!("{taken:#}\n"))?;
    println!("{advisories} advisories on {} crates, as of {date} ({commit})", locked.len());
    Ok(())
}

/// Replaces a copy by what a database has on these crates, and says how many advisories that is.
fn keep(database: &Path, own: &Path, wanted: &BTreeSet<String>) -> Result<usize> {
    let there = crates_of(database)?;
    if own.exists() {
        fs::remove_dir_all(own)?;
    }
    fs::create_dir_all(own.join("crates"))?;
    let mut advisories = 0;
    for name in wanted.intersection(&there) {
        advisories += copy_crate(database, own, name)?;
    }
    Ok(advisories)
}

/// Names of the crates that a database has advisories on.
fn crates_of(database: &Path) -> Result<BTreeSet<String>> {
    let folder = database.join("crates");
    let entries = fs::read_dir(&folder).with_context(|| format!("{} is no advisory database", database.display()))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// Copies the advisories on one crate and says how many.
fn copy_crate(from: &Path, to: &Path, name: &str) -> Result<usize> {
    let (from, to) = (from.join("crates").join(name), to.join("crates").join(name));
    fs::create_dir_all(&to)?;
    let mut advisories = 0;
    for entry in fs::read_dir(&from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "md") {
            fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
            advisories += 1;
        }
    }
    Ok(advisories)
}

/// Every name in Cargo.lock.
fn locked_crates() -> Result<BTreeSet<String>> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    Ok(names.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(advisories: &[(&str, &str)]) -> Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        for (name, id) in advisories {
            let folder = folder.path().join("crates").join(name);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(format!("{id}.md")), *id)?;
        }
        Ok(folder)
    }

    #[test]
    fn a_copy_has_what_is_known_of_the_crates_we_use_and_nothing_old() -> Result<()> {
        let theirs = database(&[("redb", "A"), ("redb", "B"), ("left-pad", "C")])?;
        let own = database(&[("redb", "OLD")])?;
        let wanted = BTreeSet::from(["redb".to_owned(), "tokio".to_owned()]);
        assert_eq!(keep(theirs.path(), own.path(), &wanted)?, 2);
        assert_eq!(crates_of(own.path())?, BTreeSet::from(["redb".to_owned()]));
        assert!(!own.path().join("crates/redb/OLD.md").exists());
        Ok(())
    }

    #[test]
    fn a_copy_says_how_old_it_is_and_what_it_does_not_know() -> Result<()> {
        let (theirs, place) = (database(&[("redb", "A")])?, tempfile::tempdir()?);
        fs::write(theirs.path().join("taken.json"), json!({ "committed": 0, "crates": ["redb"] }).to_string())?;
        let notice = copy(theirs.path(), &place.path().join("place"))?;
        assert!(notice.contains("advisories: 1 from") && notice.contains("that is old") && notice.contains("wasmtime"), "{notice}");
        Ok(())
    }

    #[test]
    fn a_folder_without_advisories_is_no_database() -> Result<()> {
        let (empty, place) = (tempfile::tempdir()?, tempfile::tempdir()?);
        assert!(copy(empty.path(), &place.path().join("place")).is_err());
        Ok(())
    }
}
