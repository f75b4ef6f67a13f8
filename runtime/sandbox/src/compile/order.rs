//! What the parent asks of its child, as arguments; and the limits that the child sets on itself.

use std::ffi::OsString;
use std::io;

use rustix::process::{Resource, Rlimit, Signal, getrlimit, nice, setrlimit};

/// How much the child gives way to everything else: translating tasks goes before compiling.
const NICENESS: i32 = 10;

/// One compilation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Address space that the child may use.
    pub compile_memory_bytes_max: u64,
    /// Processor time that the child may use.
    pub compile_cpu_seconds_max: u64,
    /// Largest linear memory of a connector: one that begins with more is refused.
    pub memory_bytes_max: u64,
    /// Length of the component, which follows on stdin.
    pub component_bytes: u64,
}

impl Order {
    /// As arguments of the child.
    pub fn arguments(&self) -> [String; 4] {
        [self.compile_memory_bytes_max, self.compile_cpu_seconds_max, self.memory_bytes_max, self.component_bytes].map(|n| n.to_string())
    }

    /// From the child's arguments.
    pub fn parse(arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let numbers: Option<Vec<u64>> = arguments.map(|argument| argument.to_str()?.parse().ok()).collect();
        let [compile_memory_bytes_max, compile_cpu_seconds_max, memory_bytes_max, component_bytes] = *numbers? else { return None };
        Some(Self { compile_memory_bytes_max, compile_cpu_seconds_max, memory_bytes_max, component_bytes })
    }

    /// Limits this process, for good (promise 5).
    pub fn limit_this_process(&self) -> io::Result<()> {
        // Only linux offers it; elsewhere the limit of processor time ends an orphan.
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        limit(Resource::As, self.compile_memory_bytes_max, self.compile_memory_bytes_max)?;
        // The first one names itself in how the process ends; the second cannot be missed.
        limit(Resource::Cpu, self.compile_cpu_seconds_max, self.compile_cpu_seconds_max.saturating_add(1))?;
        limit(Resource::Core, 0, 0)?;
        nice(NICENESS)?;
        Ok(())
    }
}

/// Lowers a limit; a lower one that the operator's environment sets stays.
fn limit(resource: Resource, current: u64, maximum: u64) -> io::Result<()> {
    let already = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    setrlimit(resource, Rlimit { current: Some(current.min(already)), maximum: Some(maximum.min(already)) })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_arrives_as_it_was_given() {
        let order = Order { compile_memory_bytes_max: 1, compile_cpu_seconds_max: 2, memory_bytes_max: 3, component_bytes: 4 };
        assert_eq!(Order::parse(order.arguments().into_iter().map(OsString::from)), Some(order));
    }

    #[test]
    fn anything_else_is_no_order() {
        for arguments in [&["1", "2", "3"][..], &["1", "2", "3", "4", "5"], &["1", "2", "3", "x"], &[]] {
            assert_eq!(Order::parse(arguments.iter().map(OsString::from)), None);
        }
    }
}
