//! What a connector may do instead of answering.

use std::hint::black_box;
use std::time::Duration;

use lockgate_guest::Error;

use crate::script::{Failure, Kind, Misdeed};

/// Does it. Where it comes back, it says what it did.
pub(crate) fn commit(misdeed: Misdeed) -> Result<String, Error> {
    match misdeed {
        Misdeed::Error(failure) => Err(error(failure)),
        Misdeed::Trap(_) => std::process::abort(),
        Misdeed::Panic(message) => panic_with(&message),
        Misdeed::Loop(_) => loop {
            black_box(());
        },
        Misdeed::Recurse(_) => Ok(format!("recursed to depth {}", recurse(0))),
        Misdeed::Exit(code) => std::process::exit(code),
        Misdeed::AllocateMb(mb) => Ok(format!("allocated {} MiB", allocate(mb))),
    }
}

fn error(failure: Failure) -> Error {
    let message = failure.message;
    let error = match failure.kind {
        Kind::Invalid => Error::invalid(message),
        Kind::NotFound => Error::not_found(message),
        Kind::Unavailable => Error::unavailable(message),
        Kind::Unsupported => Error::unsupported(message),
        Kind::Internal => Error::internal(message),
    };
    let error = match failure.path {
        Some(path) => error.at(path),
        None => error,
    };
    match failure.retry_after_ms {
        Some(delay_ms) => error.retry_after(Duration::from_millis(delay_ms.into())),
        None => error,
    }
}

#[expect(clippy::panic, reason = "the script asks for it")]
fn panic_with(message: &str) -> ! {
    panic!("{message}")
}

/// Each frame keeps some bytes, so that the stack is full soon. Never ends by itself.
#[expect(unconditional_recursion, reason = "the script asks for it")]
fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    let deeper = recurse(depth + 1);
    black_box(frame).first().copied().unwrap_or_default().max(deeper)
}

/// In steps of 1 MiB, each written to, all kept until the end.
fn allocate(mb: usize) -> usize {
    let kept: Vec<_> = (0..mb).map(|_| black_box(vec![1_u8; 1 << 20])).collect();
    black_box(kept).len()
}
