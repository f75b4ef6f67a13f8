//! What this process takes of the machine.

use std::fs;

use anyhow::{Context as _, Result, ensure};

/// How far above the baseline private memory may be after the repeats, in KiB, where a case does not
/// say otherwise. Allocators and pools
/// keep what they had for a while; a leak of 20 KiB at each repeat stands out.
pub const KEPT_KIB: i64 = 4 << 10;
/// The same of open files and of threads: of the HTTP server, connections may be closing and threads
/// waiting for the next request.
pub const KEPT_MAX: usize = 10;

/// A reading.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Memory that only this process has and that has been written to.
    pub private_kib: i64,
    pub files: usize,
    pub threads: usize,
}

pub fn usage() -> Result<Usage> {
    let smaps = fs::read_to_string("/proc/self/smaps_rollup")?;
    Ok(Usage {
        private_kib: kib(&smaps, "Private_Dirty:")?,
        files: fs::read_dir("/proc/self/fd")?.count(),
        threads: fs::read_dir("/proc/self/task")?.count(),
    })
}

/// Forgets the peak so far, where the system lets us.
pub fn reset_peak() -> Result<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}

/// Most resident memory since the last reset.
pub fn peak_kib() -> Result<i64> {
    kib(&fs::read_to_string("/proc/self/status")?, "VmHWM:")
}

/// Whether everything is back to where it was.
pub fn is_back(before: Usage, after: Usage, kept_kib_max: i64) -> Result<()> {
    let more = after.private_kib - before.private_kib;
    ensure!(more <= kept_kib_max, "{more} KiB more of private memory after the repeats, at most {kept_kib_max} are allowed");
    ensure!(after.files <= before.files + KEPT_MAX, "{} open files after the repeats, {} before", after.files, before.files);
    ensure!(after.threads <= before.threads + KEPT_MAX, "{} threads after the repeats, {} before", after.threads, before.threads);
    Ok(())
}

fn kib(text: &str, name: &str) -> Result<i64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("{name} is not there"))?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
