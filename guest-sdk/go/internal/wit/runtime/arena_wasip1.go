package runtime

import "unsafe"

// The memory of most tasks: no growth is needed for arguments that fit.
var first [64 << 10]byte

var handedIn = arena{
	chunks: [chunksMax]chunk{{base: uintptr(unsafe.Pointer(&first)), size: uintptr(len(first))}},
	count:  1,
}

// Unpin is called by each generated export as soon as its arguments are lifted, which allocates nothing. They are held from here
// on, until the export has copied them and calls Release: a goroutine that a former call left behind may run meanwhile, and
// release what it holds itself.
func Unpin() {
	handedIn.hold()
}

// Hold keeps what the host hands in from now on until Release.
func Hold() {
	handedIn.hold()
}

// Release gives it back, unless another holds too.
func Release() {
	handedIn.release()
}

// Zero if the memory is at its limit.
//
//go:nosplit
func grow(size uintptr) uintptr {
	return uintptr(sbrk(size))
}

// Go's runtime grows the linear memory through it, and so do we: it must know where its memory ends. It takes no lock and
// calls nothing but memory.grow.
//
//go:linkname sbrk runtime.sbrk
func sbrk(n uintptr) unsafe.Pointer

// In assembly: ends the instance.
func abort()

//go:wasmexport cabi_realloc
//go:nosplit
func cabiRealloc(old unsafe.Pointer, oldSize, align, size uintptr) unsafe.Pointer {
	// The host grows nothing that it has: strings are UTF-8 on both sides.
	if old != nil || oldSize != 0 {
		abort()
	}
	at := handedIn.allocate(size, align)
	if at == 0 {
		abort()
	}
	return unsafe.Pointer(at)
}
