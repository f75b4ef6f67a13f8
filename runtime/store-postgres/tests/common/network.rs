//! A network between store and server that loses packets: before they arrive, after they were carried out, or for so
//! long that they arrive when nobody expects them any more.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use lockgate_testing::Dice;
use tempfile::TempDir;

/// What passes between two losses at least, so that what is tried again comes through some day.
const CALM: u64 = 40;

/// A way to the server, for one store.
pub struct Network {
    folder: TempDir,
    weather: Arc<Mutex<Weather>>,
}

/// When something is lost, and what is on its way still.
struct Weather {
    dice: Dice,
    /// Packets until the next loss.
    left: u64,
    lost: u64,
    /// Packets that arrive late, each with how many others pass before.
    late: Vec<(u64, UnixStream, Vec<u8>)>,
}

/// What becomes of a packet.
#[derive(PartialEq)]
enum Fate {
    Arrives,
    Lost,
    Late,
}

impl Weather {
    fn passes(&mut self) -> Fate {
        self.late.retain_mut(|(left, server, packet)| {
            *left = left.saturating_sub(1);
            let waits = *left > 0;
            if !waits {
                // The server may have ended the connection.
                let _ = server.write_all(packet);
                let _ = server.shutdown(Shutdown::Both);
            }
            waits
        });
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return Fate::Arrives;
        }
        self.left = CALM + self.dice.below(40);
        self.lost += 1;
        if self.dice.one_in(3) { Fate::Late } else { Fate::Lost }
    }
}

impl Network {
    /// To the server whose socket is in a folder.
    pub fn to(server: PathBuf, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let weather = Weather { dice: Dice::new(seed), left: 60, lost: 0, late: Vec::new() };
        let weather = Arc::new(Mutex::new(weather));
        let known = weather.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, UnixStream::connect(server.join(".s.PGSQL.5432"))) else { return };
                for up in [true, false] {
                    let (from, to) = if up { (&client, &server) } else { (&server, &client) };
                    let (from, to, weather) = (from.try_clone().unwrap(), to.try_clone().unwrap(), known.clone());
                    thread::spawn(move || carry(from, to, up, &weather));
                }
            }
        });
        Self { folder, weather }
    }

    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://lockgate@{folder}/{database}")
    }

    /// How often something was lost.
    pub fn lost(&self) -> u64 {
        self.weather.lock().unwrap().lost
    }
}

/// Carries bytes in one direction until somebody ends it.
fn carry(mut from: UnixStream, mut to: UnixStream, up: bool, weather: &Mutex<Weather>) {
    let mut buffer = vec![0; 1 << 20];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let packet = buffer.get(..read).unwrap_or_default();
        let fate = weather.lock().unwrap().passes();
        match fate {
            Fate::Arrives if to.write_all(packet).is_ok() => continue,
            Fate::Late if up => {
                // The sender hears nothing more; the server will.
                let _ = from.shutdown(Shutdown::Both);
                let mut weather = weather.lock().unwrap();
                let others = 2 + weather.dice.below(12);
                weather.late.push((others, to, packet.to_vec()));
                return;
            }
            _ => break,
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// A way to the server that can be shut: what is on its way waits, and arrives when it is opened again, as from a
/// machine that was frozen.
pub struct Valve {
    folder: TempDir,
    is_open: Arc<(Mutex<bool>, Condvar)>,
}

impl Valve {
    /// To the server whose socket is in a folder.
    pub fn to(server: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let is_open = Arc::new((Mutex::new(true), Condvar::new()));
        let known = is_open.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, UnixStream::connect(server.join(".s.PGSQL.5432"))) else { return };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to, is_open) = (from.try_clone().unwrap(), to.try_clone().unwrap(), known.clone());
                    thread::spawn(move || pass(from, to, &is_open));
                }
            }
        });
        Self { folder, is_open }
    }

    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://lockgate@{folder}/{database}")
    }

    pub fn set_open(&self, is_open: bool) {
        *self.is_open.0.lock().unwrap() = is_open;
        self.is_open.1.notify_all();
    }
}

/// Carries bytes in one direction while the valve is open.
fn pass(mut from: UnixStream, mut to: UnixStream, is_open: &(Mutex<bool>, Condvar)) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let mut open = is_open.0.lock().unwrap();
        while !*open {
            open = is_open.1.wait(open).unwrap();
        }
        drop(open);
        if to.write_all(buffer.get(..read).unwrap_or_default()).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
