//! A bump allocator: an instance lives for one task, so memory is handed out and seldom taken back.
//!
//! It starts at `__heap_base` and ends with the initial memory (`--initial-memory`), so that most
//! tasks never grow it. Only the newest block can be resized in place or given back.

//!
//! [`export!`](crate::export) installs it, in the crate that becomes the component: a library that is only depended on changes nobody's
//! allocator.

#![expect(unsafe_code, reason = "an allocator is unsafe by its trait")]

#[cfg(target_os = "wasi")]
pub mod libc;

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::Cell;
use std::ptr::{copy_nonoverlapping, null_mut};

/// Makes it the allocator of the crate that becomes the component.
#[cfg(target_os = "wasi")]
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator {
    () => {
        #[global_allocator]
        static ALLOCATOR: $crate::allocator::Allocator = $crate::allocator::Allocator;
        $crate::__c_allocator! {
            malloc(size: usize) -> *mut u8;
            aligned_alloc(align: usize, size: usize) -> *mut u8;
            posix_memalign(out: *mut *mut u8, align: usize, size: usize) -> i32;
            calloc(count: usize, size: usize) -> *mut u8;
            realloc(block: *mut u8, new_size: usize) -> *mut u8;
            free(block: *mut u8);
            malloc_usable_size(block: *mut u8) -> usize;
        }
    };
}

/// Makes it the allocator of the crate that becomes the component.
#[cfg(not(target_os = "wasi"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator {
    () => {
        #[global_allocator]
        static ALLOCATOR: $crate::allocator::Allocator = $crate::allocator::Allocator;
    };
}

const PAGE_BYTES: usize = 64 * 1024;
/// Each growth costs the host an mprotect, so growth is rare: 1 MiB.
const GROWTH_PAGES_MIN: usize = 16;

/// `top` is the first free byte and `end` the first that is not ours; 0 and 0 before first use.
struct Bump {
    top: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: wasm32 without threads (lockgate refuses shared memories) has one thread.
unsafe impl Sync for Bump {}

static BUMP: Bump = Bump { top: Cell::new(0), end: Cell::new(0) };

unsafe extern "C" {
    /// Set by the linker: the first byte after data and stack.
    static __heap_base: u8;
}

impl Bump {
    fn take(&self, size: usize, align: usize) -> *mut u8 {
        if self.end.get() == 0 {
            self.top.set((&raw const __heap_base).addr());
            self.end.set(memory_size(0) * PAGE_BYTES);
        }
        loop {
            let start = self.top.get().checked_next_multiple_of(align);
            let stop = start.and_then(|start| start.checked_add(size));
            match (start, stop) {
                (Some(start), Some(stop)) if stop <= self.end.get() => {
                    self.top.set(stop);
                    return start as *mut u8;
                }
                (Some(_), Some(stop)) if self.grow(stop - self.end.get()) => {}
                _ => return null_mut(),
            }
        }
    }

    /// Adds at least `bytes` at the end. Where somebody else grew the memory meanwhile, what they
    /// took is left out, and `take` looks again.
    fn grow(&self, bytes: usize) -> bool {
        let pages_needed = bytes.div_ceil(PAGE_BYTES);
        // Close to the limit a generous step is refused where a small one is not.
        for pages in [pages_needed.max(GROWTH_PAGES_MIN), pages_needed] {
            let before = memory_grow(0, pages);
            if before != usize::MAX {
                let start = before * PAGE_BYTES;
                if start != self.end.get() {
                    self.top.set(start);
                }
                // The last page of a full 4 GiB memory is left unused: its end is no usize.
                self.end.set(start.saturating_add(pages * PAGE_BYTES));
                return true;
            }
        }
        false
    }

    fn is_newest(&self, block: *mut u8, size: usize) -> bool {
        block.addr().wrapping_add(size) == self.top.get()
    }

    fn give_back(&self, block: *mut u8, size: usize) {
        if self.is_newest(block, size) {
            self.top.set(block.addr());
        }
    }

    /// Resizes in place where the block is the newest and fits, or shrinks.
    fn resize(&self, block: *mut u8, old_size: usize, new_size: usize) -> bool {
        if !self.is_newest(block, old_size) {
            return new_size <= old_size;
        }
        let Some(stop) = block.addr().checked_add(new_size) else {
            return false;
        };
        if stop > self.end.get() {
            let end = self.end.get();
            // Growth elsewhere moves `top` away, and the block is no longer the newest.
            if !self.grow(stop - end) || !self.is_newest(block, old_size) {
                return false;
            }
        }
        self.top.set(stop);
        true
    }
}

/// The one that an instance has.
pub struct Allocator;

// SAFETY: blocks are disjoint ranges of our own memory, aligned and sized as the layout asks;
// nothing here unwinds or calls the host, which may not be called while it lowers arguments.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BUMP.take(layout.size(), layout.align())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        BUMP.give_back(block, layout.size());
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if BUMP.resize(block, layout.size(), new_size) {
            return block;
        }
        let moved = BUMP.take(new_size, layout.align());
        if !moved.is_null() {
            // SAFETY: both blocks hold as many bytes, and a new block overlaps none in use.
            unsafe { copy_nonoverlapping(block, moved, layout.size().min(new_size)) };
        }
        moved
    }
}
