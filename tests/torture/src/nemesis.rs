//! What happens to the server while it is under load.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use indicatif::ProgressBar;

use crate::api::Api;
use crate::disk::Disk;
use crate::rng::Rng;
use crate::server::{Place, Server, ended};
use crate::shared::Shared;

/// Longest that a second server may take to see that it is one.
const SECOND_WAIT: Duration = Duration::from_secs(10);
/// How long a server may take to go on by itself once there is room again.
const RECOVERY_WAIT: Duration = Duration::from_secs(3);
/// Largest rest of a disk that becomes full.
const LEFT_BYTES_MAX: u64 = 512 << 10;

/// What it can do, and how often of a hundred times.
const ACTIONS: [(u64, Action); 8] = [
    (28, Action::Kill),
    (10, Action::Stop),
    (18, Action::Freeze),
    (10, Action::SecondServer),
    (8, Action::Command),
    (12, Action::FullDisk),
    (7, Action::Backup),
    (7, Action::Compact),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Kill,
    Stop,
    Freeze,
    SecondServer,
    Command,
    FullDisk,
    Backup,
    Compact,
}

/// Owns the server.
pub struct Nemesis {
    place: Place,
    disk: Disk,
    shared: Arc<Shared>,
    rng: Rng,
    api: Api,
    server: Option<Server>,
    /// What was done, by name.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Nemesis {
    /// Starts the server.
    pub fn new(place: Place, disk: Disk, shared: Arc<Shared>, seed: u64) -> Result<Self> {
        let (rng, api) = (Rng::new(seed, 0), Api::new(Duration::from_secs(2)));
        let mut nemesis = Self { place, disk, shared, rng, api, server: None, counts: BTreeMap::new() };
        nemesis.start()?;
        Ok(nemesis)
    }

    /// Breaks things for so long. In the end the server runs, has room, and was started anew.
    pub fn run(&mut self, time: Duration, sabotage: bool, progress: &ProgressBar) -> Result<()> {
        let begun = Instant::now();
        let mut older = sabotage.then_some(time / 3);
        while begun.elapsed() < time {
            self.wait(progress);
            self.look_after()?;
            if older.is_some_and(|at| begun.elapsed() > at) {
                older = None;
                self.put_back_an_older_copy()?;
            }
            let action = self.choose();
            progress.set_message(format!(
                "{} s of {} s: {} acknowledged, {action:?}",
                begun.elapsed().as_secs(),
                time.as_secs(),
                self.shared.acknowledged.load(Ordering::Relaxed)
            ));
            self.act(action)?;
        }
        self.look_after()?;
        self.stop()?;
        self.start()
    }

    /// Stops the server for good, and gives the disk back.
    pub fn end(mut self) -> Result<Disk> {
        self.stop()?;
        Ok(self.disk)
    }

    fn choose(&mut self) -> Action {
        let mut drawn = self.rng.between(1, 100);
        for (share, action) in ACTIONS {
            if drawn <= share {
                return action;
            }
            drawn -= share;
        }
        Action::Kill
    }

    fn act(&mut self, action: Action) -> Result<()> {
        match action {
            Action::Kill => {
                self.count("SIGKILL");
                self.kill()?;
                self.start()
            }
            Action::Stop => {
                self.count("SIGTERM");
                self.stop()?;
                self.start()
            }
            Action::Freeze => {
                self.count("SIGSTOP");
                let pause = Duration::from_millis(self.rng.between(200, 3_000));
                let server = self.server()?;
                server.freeze()?;
                std::thread::sleep(pause);
                server.thaw()
            }
            Action::SecondServer => self.second_server(),
            Action::Command => self.command(),
            Action::FullDisk => self.full_disk(),
            Action::Backup => self.backup(),
            Action::Compact => self.compact(),
        }
    }

    /// Two processes and one file: the second must say so and end with 3.
    fn second_server(&mut self) -> Result<()> {
        self.count("second server");
        let mut command = self.place.lockgate(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context("cannot run lockgate")?;
        let status = ended(&mut child, SECOND_WAIT)?;
        if status.is_none() {
            child.kill()?;
        }
        let said = String::from_utf8_lossy(&child.wait_with_output()?.stderr).into_owned();
        if status.and_then(|status| status.code()) != Some(3) || !said.contains("in use") {
            self.shared.violated("second-server", format!("a second server on the same file: {status:?}, {said}"));
        }
        Ok(())
    }

    /// A command on the store's file finds the server that has it open.
    fn command(&mut self) -> Result<()> {
        self.count("command beside it");
        let output = self.place.output(&["--json", "status"])?;
        if !output.status.success() {
            self.shared.violated("command", format!("`lockgate status`: {}", String::from_utf8_lossy(&output.stderr)));
        }
        Ok(())
    }

    /// It must not die of it, must go on after a restart at the latest, and the checker sees the rest.
    fn full_disk(&mut self) -> Result<()> {
        self.count("full disk");
        let left = self.rng.between(0, LEFT_BYTES_MAX);
        let pause = Duration::from_millis(self.rng.between(500, 3_000));
        self.disk.fill(self.server()?, &self.place, left)?;
        std::thread::sleep(pause);
        self.look_after()?;
        if self.rng.percent(30) {
            self.count("SIGKILL while the disk is full");
            self.kill()?;
            self.disk.make_room(None)?;
            return self.start();
        }
        self.disk.make_room(self.server.as_ref())?;
        let begun = Instant::now();
        let url = self.server()?.url.clone();
        while !self.api.is_ready(&url) {
            if begun.elapsed() > RECOVERY_WAIT {
                self.count("restart that a full disk made necessary");
                self.stop()?;
                return self.start();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// A backup of the running server, which must be a whole store.
    fn backup(&mut self) -> Result<()> {
        if !self.place.knows("backup") {
            return Ok(());
        }
        self.count("backup");
        let copy = self.place.folder.join("backup.redb");
        let file = copy.to_string_lossy().into_owned();
        let output = self.place.output(&["backup", &file])?;
        if !output.status.success() {
            self.shared.violated("backup", String::from_utf8_lossy(&output.stderr));
            return Ok(());
        }
        let copied = Place { store: copy.clone(), ..self.place.clone() };
        if let Some(wrong) = verify(&copied)? {
            self.shared.violated("backup", format!("the copy is not whole: {wrong}"));
        }
        Ok(std::fs::remove_file(copy)?)
    }

    /// A compaction of the stopped store, sometimes killed in the middle.
    fn compact(&mut self) -> Result<()> {
        if !self.place.knows("compact") {
            return Ok(());
        }
        self.count("compaction");
        self.stop()?;
        let mut command = self.place.lockgate(&["compact"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context("cannot run lockgate")?;
        let kill_after = self.rng.percent(60).then(|| Duration::from_millis(self.rng.between(0, 60)));
        let status = ended(&mut child, kill_after.unwrap_or(SECOND_WAIT * 3))?;
        if status.is_none() {
            child.kill()?;
            self.count("SIGKILL while it is compacted");
        }
        let said = String::from_utf8_lossy(&child.wait_with_output()?.stderr).into_owned();
        match status {
            Some(status) if !status.success() => self.shared.violated("compact", said),
            None if kill_after.is_none() => self.shared.violated("compact", "it did not end within 30 s"),
            _ => {}
        }
        self.start()
    }

    /// What no server can make good: acknowledged tasks are lost, and the checker must find them.
    fn put_back_an_older_copy(&mut self) -> Result<()> {
        self.count("older copy put back");
        self.stop()?;
        let older = self.place.folder.join("older.redb");
        std::fs::copy(&self.place.store, &older)?;
        self.start()?;
        std::thread::sleep(Duration::from_secs(2));
        self.kill()?;
        std::fs::copy(&older, &self.place.store)?;
        self.start()
    }

    /// A server that ended by itself is a violation; the next one shows what is left.
    fn look_after(&mut self) -> Result<()> {
        if let Some(server) = &mut self.server
            && let Some(status) = server.has_ended()?
        {
            self.shared.violated("died", format!("the server ended with {status}: {}", self.place.log_tail()));
            self.server = None;
            self.disk.make_room(None)?;
            self.start()?;
        }
        Ok(())
    }

    fn start(&mut self) -> Result<()> {
        let server = Server::start(&self.place)?;
        self.shared.set_url(Some(server.url.clone()));
        self.server = Some(server);
        Ok(())
    }

    fn stop(&mut self) -> Result<()> {
        self.shared.set_url(None);
        if let Some(server) = self.server.take() {
            let status = server.stop()?;
            if !status.success() {
                self.shared.violated("stop", format!("after SIGTERM the server ended with {status}: {}", self.place.log_tail()));
            }
        }
        Ok(())
    }

    fn kill(&mut self) -> Result<()> {
        self.shared.set_url(None);
        self.server.take().map_or(Ok(()), Server::kill)
    }

    fn server(&self) -> Result<&Server> {
        self.server.as_ref().context("no server runs")
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn wait(&mut self, progress: &ProgressBar) {
        progress.tick();
        std::thread::sleep(Duration::from_millis(self.rng.between(100, 1_500)));
    }
}

/// What `lockgate check` finds wrong with a store that nobody has open; `None` also where the
/// program has no such verb.
pub fn verify(place: &Place) -> Result<Option<String>> {
    if !place.knows("check") {
        return Ok(None);
    }
    let output = place.output(&["check"])?;
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Ok((!output.status.success()).then_some(said))
}
