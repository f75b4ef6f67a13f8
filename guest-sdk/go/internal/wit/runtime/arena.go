package runtime

// An arena holds what the host hands in: arguments of exports, answers of imports. It is no part of Go's heap.
//
// While the host hands something in, a component may not call out of itself; a call traps with "cannot leave component
// instance". So nothing may run then that might: not the collector, which asks for the time, and not the scheduler, which
// may turn to a goroutine that logs. allocate therefore allocates nothing of Go's, and is nosplit.
//
// Memory is handed out in ascending order from the chunks and taken back all at once, when the last holder releases it. Who
// holds copies what it keeps before it releases.
type arena struct {
	chunks  [chunksMax]chunk
	count   uintptr
	current uintptr
	holders uintptr
}

// A chunk has addresses and no pointers: its memory is unknown to the collector.
type chunk struct {
	base, size, used uintptr
}

const (
	chunksMax = 64
	// What is asked for at once doubles from the first time to the last. All chunks together are more than a connector is ever
	// granted.
	chunkBytesMin = 256 << 10
	chunkBytesMax = 16 << 20
)

// allocate answers 0 if there is no memory.
//
//go:nosplit
func (a *arena) allocate(size, align uintptr) uintptr {
	for a.current < a.count {
		c := &a.chunks[a.current&(chunksMax-1)]
		at := (c.base + c.used + align - 1) &^ (align - 1)
		if end := at - c.base + size; end <= c.size {
			c.used = end
			return at
		}
		a.current++
	}
	if a.count == chunksMax {
		return 0
	}
	want := max(min(uintptr(chunkBytesMin)<<a.count, chunkBytesMax), size+align)
	base := grow(want)
	if base == 0 {
		return 0
	}
	c := &a.chunks[a.count&(chunksMax-1)]
	c.base, c.size, c.used = base, want, 0
	a.count++
	at := (base + align - 1) &^ (align - 1)
	c.used = at - base + size
	return at
}

func (a *arena) hold() {
	a.holders++
}

// release frees everything once nobody holds any more. Goroutines do not run at the same time here, so a plain count does.
func (a *arena) release() {
	a.holders--
	if a.holders > 0 {
		return
	}
	for at := range a.count {
		a.chunks[at].used = 0
	}
	a.current = 0
}
