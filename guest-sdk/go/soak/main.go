// Soak sends tasks of random sizes through a connector that keeps Go's collector and scheduler busy, and ends with 1 at the first
// that does not end as it should. Run it in guest-sdk/go, with the program `lockgate` on the path:
//
//	go run ./soak --minutes 60 ../../target/guests/go/soak.wasm ../../target/guests/go/soak-gogc1.wasm
package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed model.toml lockgate.toml
var files embed.FS

// roundTasks is how many tasks one submission has; what became of them is looked at after each.
const roundTasks = 100

func main() {
	minutes := flag.Float64("minutes", 60, "longest time")
	rounds := flag.Int("rounds", math.MaxInt, fmt.Sprintf("most rounds, of %d tasks each", roundTasks))
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "repeats the tasks of another run")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "say which component")
		os.Exit(2)
	}
	fmt.Println("seed", *seed)
	if err := run(flag.Args(), *seed, *rounds, time.Duration(*minutes*float64(time.Minute))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run takes the components in turn, each with a store of its own.
func run(components []string, seed uint64, rounds int, long time.Duration) error {
	dice := rand.New(rand.NewPCG(seed, 0))
	address, err := application()
	if err != nil {
		return err
	}
	hosts := make([]*host, len(components))
	for at, component := range components {
		host, err := install(component, address)
		if err != nil {
			return err
		}
		defer os.RemoveAll(host.folder)
		hosts[at] = host
	}
	began := time.Now()
	for round := 0; round < rounds && time.Since(began) < long; round++ {
		host := hosts[round%len(hosts)]
		if err := host.round(dice, round); err != nil {
			return fmt.Errorf("%s, round %d: %w", host.component, round, err)
		}
		sent := 0
		for _, host := range hosts {
			sent += host.bytes
		}
		fmt.Printf("%s  %d tasks, %d MB\n", time.Since(began).Round(time.Second), (round+1)*roundTasks, sent>>20)
	}
	return nil
}

// A host is a store in a folder of its own, with the component installed.
type host struct {
	component string
	folder    string
	bytes     int
}

func install(component, application string) (*host, error) {
	component, err := filepath.Abs(component)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "lockgate-soak")
	if err != nil {
		return nil, err
	}
	h := &host{component: component, folder: folder}
	for _, name := range []string{"model.toml", "lockgate.toml"} {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		text = bytes.ReplaceAll(text, []byte("APPLICATION"), []byte(application))
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return nil, err
		}
	}
	if _, err := h.lockgate("model", "apply", "model.toml"); err != nil {
		return nil, err
	}
	_, err = h.lockgate("connector", "add", "soak", component)
	return h, err
}

// round submits tasks and processes them. Code names repeat, so that the store stays small.
func (h *host) round(dice *rand.Rand, round int) error {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for at := range roundTasks {
		body := body(dice, at)
		h.bytes += len(body)
		task := map[string]any{
			"connector": "soak", "process_type": "default", "task_type": "create-object", "data_type": "snapshot",
			"title": fmt.Sprintf("round %d, task %d", round, at), "media_type": "application/octet-stream", "body_base64": body,
		}
		if err := encoder.Encode(task); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(h.folder, "tasks.ndjson"), lines.Bytes(), 0o644); err != nil {
		return err
	}
	if said, err := h.lockgate("submit", "--batch", "tasks.ndjson"); err != nil {
		return fmt.Errorf("%w\n%s", err, said)
	}
	// A task that fails stands in the way of the others: then this ends with 1.
	said, err := h.lockgate("process", "soak")
	if err != nil {
		listed, _ := h.lockgate("task", "list", "--state", "failed", "--json")
		return fmt.Errorf("%w\n%s\n%s", err, said, listed)
	}
	return nil
}

// body is a head that tells what follows, and filler: mostly small, sometimes near the largest that a task may have.
func body(dice *rand.Rand, at int) []byte {
	size := int(dice.ExpFloat64() * 8_000)
	switch dice.IntN(40) {
	case 0:
		size = dice.IntN(1_000_000)
	case 1:
		size = 0
	}
	filler := make([]byte, min(size, 1_000_000))
	for i := range filler {
		filler[i] = byte(dice.Uint32())
	}
	head := fmt.Sprintf("item-%d %x %d %d\n", at, sha256.Sum256(filler), dice.IntN(5), dice.IntN(60))
	return append([]byte(head), filler...)
}

func (h *host) lockgate(arguments ...string) (string, error) {
	command := exec.Command("lockgate", arguments...)
	command.Dir = h.folder
	var said strings.Builder
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		return said.String(), fmt.Errorf("lockgate %s: %w: %s", strings.Join(arguments, " "), err, said.String())
	}
	return said.String(), nil
}
