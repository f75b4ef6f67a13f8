// A connector that keeps Go's collector and scheduler as busy as it can, while the host hands in arguments and answers of every
// size. It checks that what it was handed is what was sent.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"lockgate.dev/lockgate"
	"lockgate.dev/lockgate/calls"
	"lockgate.dev/lockgate/state"
)

// gogc is set by the linker: 1 makes the collector run all the time.
var gogc = "100"

func init() {
	var percent int
	fmt.Sscan(gogc, &percent)
	debug.SetGCPercent(percent)
	lockgate.Export(&soak{})
}

// A soak keeps what the collector must not take.
type soak struct {
	body  []byte
	kept  [][]byte
	asked int
}

// PrepareInternalObject reads "KEY SHA-256 REFERENCES CHILDREN\n" and filler, whose digest it is.
func (s *soak) PrepareInternalObject(external lockgate.External, task lockgate.Task) (lockgate.Prepared, error) {
	head, filler, found := bytes.Cut(external.Body, []byte("\n"))
	var key, digest string
	var references, children int
	if _, err := fmt.Sscan(string(head), &key, &digest, &references, &children); err != nil || !found {
		return nil, lockgate.Invalidf("the head cannot be read: %q: %w", head, err)
	}
	s.body = external.Body
	done := s.distract(children)
	if sum := sha256.Sum256(filler); hex.EncodeToString(sum[:]) != digest {
		return nil, lockgate.Internal("the body came in otherwise than it was sent").At("body")
	}
	if err := s.askHost(key); err != nil {
		return nil, err
	}
	if err := s.askApplication(filler); err != nil {
		return nil, err
	}
	item := lockgate.NewObject("soak.item", key).
		Set("bytes", lockgate.Integer(len(external.Body))).
		Set("digest", lockgate.Text(digest)).
		Set("filler", lockgate.Binary(filler[:min(len(filler), 4<<10)]))
	for at := range references {
		item.Set(fmt.Sprintf("peer%d", at), lockgate.Reference(fmt.Sprintf("%s/%d/%s", key, at, strings.Repeat("x", at*97))))
	}
	for at := range children {
		part := lockgate.NewChild("soak.part", fmt.Sprintf("%s-%d", key, at)).Set("text", lockgate.Text(strings.Repeat(digest, at%7)))
		item.Add(part)
	}
	<-done
	return item, nil
}

// InternalObjectParams answers after a while of garbage, with the ids that it was asked for in hand.
func (s *soak) InternalObjectParams(id, objectType string) (lockgate.ObjectParams, error) {
	done := s.distract(3)
	s.asked++
	key, _, found := strings.Cut(id, "/")
	if !found || !bytes.HasPrefix(s.body, []byte(key+" ")) {
		return lockgate.ObjectParams{}, lockgate.Internalf("asked for %q, which was not referred to", id)
	}
	<-done
	if s.asked%4 == 0 {
		if err := s.download(s.asked * 5_000); err != nil {
			return lockgate.ObjectParams{}, err
		}
	}
	return lockgate.ObjectParams{CodeName: id}, nil
}

// InternalDocumentParams is not asked for.
func (s *soak) InternalDocumentParams(id, className string) (lockgate.DocumentParams, error) {
	return lockgate.DocumentParams{}, lockgate.Unsupported("no pages")
}

// distract leaves goroutines at work that allocate, collect, log and sleep while the host is called and answers.
func (s *soak) distract(count int) <-chan struct{} {
	done := make(chan struct{})
	finished := make(chan int)
	for at := range count {
		go func() {
			var garbage [][]byte
			for size := range 40 {
				garbage = append(garbage, make([]byte, size*size*(at%5)))
				if size%16 == 0 {
					runtime.Gosched()
				}
			}
			if at%16 == 1 {
				slog.Debug("a goroutine is at work", "number", at, "garbage", len(garbage))
				time.Sleep(time.Microsecond)
			}
			finished <- at
		}()
	}
	go func() {
		defer close(done)
		for range count {
			s.kept = append(s.kept, make([]byte, <-finished))
		}
	}()
	return done
}

// askHost has the host hand in answers of several sizes, while goroutines wait to run.
func (s *soak) askHost(key string) error {
	for round := range 8 {
		filler, _ := lockgate.Setting("filler")
		if len(filler) != 0 && strings.Trim(filler, "f") != "" {
			return lockgate.Internal("the setting came in otherwise than it was set")
		}
		want := bytes.Repeat([]byte(key), round*round*3)
		name := fmt.Sprintf("k/%d", round)
		if err := state.Set(name, want); err != nil {
			return err
		}
		s.kept = append(s.kept, make([]byte, 1<<round))
		if got, _ := state.Get(name); !bytes.Equal(got, want) {
			return lockgate.Internal("the state came back otherwise than it was written")
		}
		runtime.Gosched()
	}
	if keys := state.Keys("k/"); len(keys) != 8 {
		return lockgate.Internalf("the state has %d keys, and 8 were written", len(keys))
	}
	return nil
}

// askApplication calls the application with bodies of several sizes, while goroutines are at work.
func (s *soak) askApplication(filler []byte) error {
	done := s.distract(20)
	defer func() { <-done }()
	if err := s.download(len(filler) % 300_000); err != nil {
		return err
	}
	application, _ := lockgate.Setting("application")
	sent := filler[:min(len(filler), 40_000)]
	answer, err := calls.Post(application+"/echo", "application/octet-stream", sent).Do()
	if err != nil {
		return err
	}
	if err := answer.Check(); err != nil {
		return err
	}
	if !bytes.Equal(answer.Body, sent) {
		return lockgate.Internal("the application sent back something else than was posted")
	}
	return nil
}

func (s *soak) download(count int) error {
	application, _ := lockgate.Setting("application")
	answer, err := calls.Get(fmt.Sprintf("%s/bytes/%d", application, count)).Do()
	if err != nil {
		return err
	}
	if err := answer.Check(); err != nil {
		return err
	}
	if sum := sha256.Sum256(answer.Body); len(answer.Body) != count || hex.EncodeToString(sum[:]) != answer.Header.Get("x-digest") {
		return lockgate.Internalf("the application answered otherwise than it sent: %d bytes of %d", len(answer.Body), count)
	}
	s.kept = append(s.kept, answer.Body[:min(len(answer.Body), 100)])
	return nil
}

func main() {}
