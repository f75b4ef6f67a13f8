// Generate writes internal/bindings anew from what `lockgate bindings --lang go` makes of the contract.
//
// Run it in the folder of the SDK, with `lockgate` on the path: go run ./internal/generate
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	target   = "internal/bindings"
	upstream = "go.bytecodealliance.org/pkg/wit/"
	module   = "lockgate.dev/lockgate/"
	own      = module + "internal/wit/"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate() error {
	made, err := os.MkdirTemp("", "bindings")
	if err != nil {
		return err
	}
	defer os.RemoveAll(made)
	if err := run("lockgate", "bindings", "--lang", "go", "--package", module+target, "--output", made); err != nil {
		return err
	}
	return filepath.WalkDir(made, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(made, path)
		if err != nil {
			return err
		}
		return adopt(path, filepath.Join(target, relative))
	})
}

// adopt copies a file, formatted, with the runtime package of this module.
func adopt(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if filepath.Ext(from) == ".go" {
		text, err = format.Source(bytes.ReplaceAll(text, []byte(upstream), []byte(own)))
		if err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

func run(name string, arguments ...string) error {
	command := exec.Command(name, arguments...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command.Run()
}
