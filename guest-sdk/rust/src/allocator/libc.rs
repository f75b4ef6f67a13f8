//! The C library's allocator, replaced: on wasm32-wasip2 its `cabi_realloc` receives what the host
//! lowers, and its own allocator would claim the same initial memory. [`export!`](crate::export) gives these functions their names.

use std::ptr::{copy_nonoverlapping, null_mut};

use super::BUMP;

/// `max_align_t`, and room for the size in front of each block.
const HEADER_BYTES: usize = 16;

/// As the C library has it.
///
/// # Safety
/// As the C library has it.
pub unsafe fn malloc(size: usize) -> *mut u8 {
    // SAFETY: a power of two.
    unsafe { aligned_alloc(HEADER_BYTES, size) }
}

/// As the C library has it.
///
/// # Safety
/// As the C library has it.
pub unsafe fn aligned_alloc(align: usize, size: usize) -> *mut u8 {
    let align = align.max(HEADER_BYTES);
    let Some(size_with_header) = size.checked_add(align) else {
        return null_mut();
    };
    let start = BUMP.take(size_with_header, align);
    if start.is_null() {
        return start;
    }
    // SAFETY: `align` bytes lie in front of the block, at least as many as the header has.
    unsafe {
        let block = start.add(align);
        kept_size(block).write(size);
        block
    }
}

/// As the C library has it.
///
/// # Safety
/// As the C library has it.
pub unsafe fn posix_memalign(out: *mut *mut u8, align: usize, size: usize) -> i32 {
    const ENOMEM: i32 = 48;
    // SAFETY: the caller passes a place to write to and a power of two.
    unsafe {
        let block = aligned_alloc(align, size);
        if block.is_null() {
            return ENOMEM;
        }
        out.write(block);
    }
    0
}

/// As the C library has it.
///
/// # Safety
/// As the C library has it.
pub unsafe fn calloc(count: usize, size: usize) -> *mut u8 {
    let Some(bytes) = count.checked_mul(size) else {
        return null_mut();
    };
    // SAFETY: the block is as long as what is cleared; given-back memory is not zero.
    unsafe {
        let block = malloc(bytes);
        if !block.is_null() {
            block.write_bytes(0, bytes);
        }
        block
    }
}

/// As the C library has it.
///
/// # Safety
/// As the C library has it.
pub unsafe fn realloc(block: *mut u8, new_size: usize) -> *mut u8 {
    // SAFETY: a block that is not null came from `aligned_alloc`.
    unsafe {
        if block.is_null() {
            return malloc(new_size);
        }
        let old_size = kept_size(block).read();
        if BUMP.resize(block, old_size, new_size) {
            kept_size(block).write(new_size);
            return block;
        }
        let moved = malloc(new_size);
        if !moved.is_null() {
            copy_nonoverlapping(block, moved, old_size.min(new_size));
        }
        moved
    }
}

/// As the C library has it.
///
/// # Safety
/// As the C library has it.
pub unsafe fn free(block: *mut u8) {
    if !block.is_null() {
        // SAFETY: the block came from `aligned_alloc`.
        BUMP.give_back(block, unsafe { kept_size(block).read() });
    }
}

/// As the C library has it.
///
/// # Safety
/// As the C library has it.
pub unsafe fn malloc_usable_size(block: *mut u8) -> usize {
    if block.is_null() {
        return 0;
    }
    // SAFETY: the block came from `aligned_alloc`.
    unsafe { kept_size(block).read() }
}

/// Gives the functions of this module the names that a linker looks for.
#[doc(hidden)]
#[macro_export]
macro_rules! __c_allocator {
    ($($name:ident($($argument:ident: $kind:ty),*) $(-> $answer:ty)?;)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($argument: $kind),*) $(-> $answer)? {
            // SAFETY: whoever calls keeps to what the C library asks for.
            unsafe { $crate::allocator::libc::$name($($argument),*) }
        }
    )*};
}

/// Where a block's size is kept.
unsafe fn kept_size(block: *mut u8) -> *mut usize {
    // SAFETY: a header lies in front of each block that `aligned_alloc` made.
    unsafe { block.sub(size_of::<usize>()).cast() }
}
