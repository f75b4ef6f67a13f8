//go:build !wasip1

package runtime

import "testing"

func lend(t *testing.T, size int) uintptr {
	t.Helper()
	lent = make([]byte, size)
	base := grow(0)
	t.Cleanup(func() { lent = nil })
	return base
}

func TestBlocksAreAlignedAndApart(t *testing.T) {
	lend(t, 1<<20)
	var a arena
	var end uintptr
	for size := uintptr(1); size < 300; size++ {
		align := uintptr(1) << (size % 4)
		at := a.allocate(size, align)
		if at == 0 || at%align != 0 || at < end {
			t.Fatalf("%d bytes aligned to %d are at %#x, after %#x", size, align, at, end)
		}
		end = at + size
	}
}

func TestWhatIsReleasedIsHandedOutAgainAndNothingBefore(t *testing.T) {
	lend(t, chunkBytesMin)
	var a arena
	a.hold()
	argument := a.allocate(1000, 1)
	a.hold()
	answer := a.allocate(1000, 1)
	a.release()
	if next := a.allocate(8, 8); next < answer+1000 {
		t.Fatalf("%#x was handed out while %#x was held", next, argument)
	}
	a.release()
	a.hold()
	if again := a.allocate(1000, 1); again != argument {
		t.Fatalf("after release %#x, before %#x", again, argument)
	}
}

func TestABlockLargerThanAChunkGetsAChunkOfItsOwn(t *testing.T) {
	lend(t, 40<<20)
	var a arena
	small := a.allocate(16, 1)
	large := a.allocate(chunkBytesMax+1, 8)
	if small == 0 || large == 0 || a.count != 2 {
		t.Fatalf("small at %#x, large at %#x, in %d chunks", small, large, a.count)
	}
}

func TestNoMemoryIsAnsweredAsZero(t *testing.T) {
	lend(t, chunkBytesMin)
	var a arena
	if at := a.allocate(chunkBytesMin*2, 1); at != 0 {
		t.Fatalf("there was no memory, and yet %#x", at)
	}
	lend(t, chunksMax*(chunkBytesMin*2))
	for range 2 * chunksMax {
		if a.allocate(chunkBytesMin, 1) == 0 {
			return
		}
	}
	t.Fatal("more chunks than there is room for")
}
