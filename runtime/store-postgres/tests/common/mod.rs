//! A PostgreSQL that the tests start themselves: one server for a test program, which ends with it, and databases
//! that are emptied and used again. With `LOCKGATE_PGBOUNCER=FILE` a pgbouncer stands between stores and server, which
//! gives each transaction one of two connections.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, not all of which use everything")]

pub mod network;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use lockgate_core::ports::Store;
use lockgate_store_postgres::PgStore;
use lockgate_testing::store_suite::Reopen;
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;

/// Starting may take so long on a machine that does much else.
const START_MAX: Duration = Duration::from_secs(60);

/// What the server is told. Nothing of these tests is about what survives the loss of power, which is PostgreSQL's part.
const SETTINGS: &str = "listen_addresses = ''\nfsync = off\nfull_page_writes = off\nsynchronous_commit = off\nautovacuum = off\n\
     max_connections = 400\nshared_buffers = 64MB\nlog_min_messages = fatal\nlog_min_error_statement = panic\nmax_wal_size = 4GB\n";

/// A running server.
pub struct Server {
    folder: PathBuf,
    port: u16,
    /// Ends the server when its end of the pipe is closed, which happens at the latest when the test program ends.
    keeper: Mutex<Child>,
    pooler: Option<Pooler>,
    databases: AtomicU32,
    idle: Mutex<Vec<String>>,
    runtime: Runtime,
}

/// Where PostgreSQL's programs are.
fn programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("LOCKGATE_POSTGRES_BIN") {
        return folder.into();
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("initdb").exists())
        .collect();
    versions.sort();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
    };
    versions.pop().map(|(_, folder)| folder).or_else(on_path).unwrap_or_else(|| {
        panic!(
            "these tests need PostgreSQL 15 or newer, and start it themselves: install it with \
             `apt-get install postgresql`, or name the folder of initdb and postgres in LOCKGATE_POSTGRES_BIN"
        )
    })
}

/// Somebody who is not root, for whom PostgreSQL does not run.
fn nobody() -> Option<(u32, u32)> {
    let me = fs::metadata("/proc/self").unwrap().uid();
    let id = |flag: &str| -> Option<u32> {
        let output = Command::new("id").args([flag, "postgres"]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    (me == 0).then(|| (id("-u").unwrap_or(65534), id("-g").unwrap_or(65534)))
}

fn command(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command.env("LC_ALL", "C.UTF-8").current_dir("/");
    command
}

impl Server {
    /// The one of this test program.
    pub fn get() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Self::start("", |_| {}))
    }

    /// One more, with more settings, after something was done with its data.
    pub fn start(more: &str, prepare: impl FnOnce(&Path)) -> Self {
        Self::start_at(more, 5432, prepare)
    }

    /// The same at another port, which the settings name.
    pub fn start_at(more: &str, port: u16, prepare: impl FnOnce(&Path)) -> Self {
        let (programs, user) = (programs(), nobody());
        let folder = tempfile::Builder::new().prefix("pg").tempdir().unwrap().keep();
        if let Some((user, group)) = user {
            chown(&folder, Some(user), Some(group)).unwrap();
        }
        let data = folder.join("data");
        let made = command(&programs.join("initdb"), user)
            .args(["--username=lockgate", "--auth=trust", "--encoding=UTF8", "--no-sync", "--pgdata"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut settings = fs::read_to_string(data.join("postgresql.conf")).unwrap();
        settings.push_str(&format!("{SETTINGS}unix_socket_directories = '{}'\n{more}", folder.display()));
        fs::write(data.join("postgresql.conf"), settings).unwrap();
        prepare(&data);
        if let Some((user, group)) = user {
            fs::read_dir(&data).unwrap().for_each(|entry| chown(entry.unwrap().path(), Some(user), Some(group)).unwrap());
        }
        // Starts and stops the server, and ends it and leaves nothing when this program's end of the pipe is closed.
        let script = "program=$0 data=$1 folder=$2; start() { \"$program\" -D \"$data\" >>\"$folder/log\" 2>&1 & }; start; \
             while read -r order; do case $order in stop) kill -QUIT $!; wait;; start) start;; esac; done; \
             kill -QUIT $!; wait; rm -rf \"$folder\"";
        let keeper = command(Path::new("/bin/sh"), user)
            .args(["-c", script])
            .args([&programs.join("postgres"), &data, &folder])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pooler = std::env::var_os("LOCKGATE_PGBOUNCER").map(|program| Pooler::start(Path::new(&program), &folder, port, user));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server =
            Self { folder, port, keeper: Mutex::new(keeper), pooler, databases: AtomicU32::new(0), idle: Mutex::default(), runtime };
        server.until(true);
        server
    }

    /// A server that follows this one, which is stopped for a moment: made of its data, and told of each write before
    /// whoever writes is.
    pub fn standby(&self) -> Self {
        self.stop();
        let standby = Self::start_behind(self);
        self.execute("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.execute("postgres", "SELECT pg_reload_conf()");
        let follows = "DO $$ BEGIN ASSERT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'); END $$";
        let begun = Instant::now();
        while let Err(error) = self.try_execute("postgres", follows) {
            assert!(begun.elapsed() < START_MAX, "the standby does not follow: {error:?}");
            std::thread::yield_now();
        }
        standby
    }

    fn start_behind(primary: &Self) -> Self {
        let follow = |data: &Path| {
            fs::remove_dir_all(data).unwrap();
            let copied = Command::new("cp").arg("-a").arg(primary.folder.join("data")).arg(data).status().unwrap();
            assert!(copied.success(), "the data cannot be copied");
            // There is none when the server had the time to remove it.
            let _ = fs::remove_file(data.join("postmaster.pid"));
            let settings = data.join("postgresql.conf");
            let more = format!(
                "unix_socket_directories = '{}'\nprimary_conninfo = 'host={} user=lockgate'\n",
                data.parent().unwrap().display(),
                primary.folder.display()
            );
            fs::write(&settings, fs::read_to_string(&settings).unwrap() + &more).unwrap();
            fs::write(data.join("standby.signal"), "").unwrap();
            primary.start_again();
        };
        Self::start("", follow)
    }

    /// The URL of a database that is on whichever of two servers can be written.
    pub fn url_of_either(&self, other: &Self, database: &str) -> String {
        let [one, other] = [self, other].map(|server| server.folder.to_str().unwrap().replace('/', "%2F"));
        format!("postgres://lockgate@{one},{other}/{database}?target_session_attrs=read-write")
    }

    /// Waits until it answers, or does not any more.
    fn until(&self, answers: bool) {
        let begun = Instant::now();
        loop {
            let answered = self.try_execute("postgres", "SELECT 1");
            if answered.is_ok() == answers {
                return;
            }
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(begun.elapsed() < START_MAX, "PostgreSQL does not start or stop: {answered:?}\n{}", log());
            std::thread::yield_now();
        }
    }

    fn order(&self, order: &str) {
        let mut keeper = self.keeper.lock().unwrap();
        writeln!(keeper.stdin.as_mut().unwrap(), "{order}").unwrap();
    }

    /// Ends it at once, as a machine that fails.
    pub fn stop(&self) {
        self.order("stop");
        self.until(false);
    }

    /// Starts it again, with the same data.
    pub fn start_again(&self) {
        self.order("start");
        self.until(true);
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgres://lockgate@{folder}:{}/{database}", self.port)
    }

    /// Carries out some SQL, beside every store.
    pub fn execute(&self, database: &str, sql: &str) {
        self.try_execute(database, sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    fn try_execute(&self, database: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
        let url = self.url(database);
        self.runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute(sql).await
        })
    }

    /// A database without anything in it, not even tables.
    pub fn bare(&self) -> String {
        let name = format!("store_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        self.execute("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// An empty store's database.
    pub fn database(&'static self) -> Arc<Database> {
        let used = self.idle.lock().unwrap().pop();
        let name = match used {
            Some(name) => {
                self.execute(&name, EMPTY);
                name
            }
            None => {
                let name = self.bare();
                drop(PgStore::open(&self.url(&name)).unwrap());
                name
            }
        };
        Arc::new(Database { server: self, name })
    }
}

/// Makes a store's database as it was when it was new. Tables are mostly small, so to empty them is faster than to
/// make them anew; what is dead in them is cleared now and then.
const EMPTY: &str = "DO $$ DECLARE name text; BEGIN \
     FOR name IN SELECT relname FROM pg_stat_user_tables \
         WHERE relname NOT IN ('schema_version', 'settings', 'clock', 'last_id', 'name') LOOP \
         IF random() < 0.01 THEN EXECUTE 'TRUNCATE ' || name; ELSE EXECUTE 'DELETE FROM ' || name; END IF; END LOOP; END $$; \
     UPDATE settings SET generation = 0, base = 0, switches = 7, grants = '\\x00000000000000000000000000000000'; \
     UPDATE clock SET n = 0, forgotten = 0; UPDATE last_id SET id = 0; \
     ALTER SEQUENCE history_number RESTART; ALTER SEQUENCE operation_id RESTART";

/// A pooler between stores and server.
struct Pooler {
    folder: PathBuf,
    /// Ends it when its end of the pipe is closed.
    _keeper: Child,
}

impl Pooler {
    fn start(program: &Path, server: &Path, port: u16, user: Option<(u32, u32)>) -> Self {
        let folder = server.join("pool");
        fs::create_dir(&folder).unwrap();
        let settings = format!(
            "[databases]\n* = host={} port={port} user=lockgate\n[pgbouncer]\nlisten_port = 5432\nunix_socket_dir = {1}\n\
             logfile = {1}/log\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 1000\n",
            server.display(),
            folder.display()
        );
        fs::write(folder.join("settings.ini"), settings).unwrap();
        if let Some((user, group)) = user {
            chown(&folder, Some(user), Some(group)).unwrap();
        }
        let keeper = command(Path::new("/bin/sh"), user)
            .args(["-c", "\"$0\" -q \"$1\" & cat >/dev/null; kill -INT $!"])
            .args([program, &folder.join("settings.ini")])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while !folder.join(".s.PGSQL.5432").exists() {
            assert!(begun.elapsed() < START_MAX, "pgbouncer does not start");
            std::thread::yield_now();
        }
        Self { folder, _keeper: keeper }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://lockgate@{}/{database}", self.folder.to_str().unwrap().replace('/', "%2F"))
    }
}

/// A store's database, which goes back when it is dropped.
pub struct Database {
    server: &'static Server,
    pub name: String,
}

impl Database {
    pub fn open(&self) -> PgStore {
        let url = self.server.pooler.as_ref().map_or_else(|| self.server.url(&self.name), |pooler| pooler.url(&self.name));
        PgStore::open(&url).unwrap()
    }

    pub fn execute(&self, sql: &str) {
        self.server.execute(&self.name, sql);
    }

    /// Begins a transaction with this, and leaves it standing.
    pub fn hold(&self, sql: &str) {
        let url = self.server.url(&self.name);
        self.server.runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
            // Whoever is frozen does not close his connection.
            std::mem::forget(client);
        });
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.server.idle.lock().unwrap().push(self.name.clone());
    }
}

/// An engine whose process ends and begins again, while the database goes on.
pub struct OneStore {
    store: Option<Arc<PgStore>>,
    database: Arc<Database>,
}

impl OneStore {
    pub fn new() -> Self {
        let database = Server::get().database();
        Self { store: Some(Arc::new(database.open())), database }
    }
}

impl Reopen for OneStore {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone().unwrap()
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(Arc::new(self.database.open()));
    }
}
