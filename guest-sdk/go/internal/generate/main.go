// Generate writes internal/bindings and internal/calls anew from what `lockgate bindings --lang go` makes of the contract and of the
// part of wasi:http that calls need. With -check it writes nothing, and ends with 1 where what is kept is something else.
//
// Run it in the folder of the SDK, with `lockgate` on the path: go run ./internal/generate
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	module   = "lockgate.dev/lockgate/"
	own      = module + "internal/wit/"
	upstream = "go.bytecodealliance.org/pkg/wit/"
	// Written by hand.
	exported = "export_lockgate_connector_translator"
)

var check = flag.Bool("check", false, "write nothing, and say what is not of today's contract")

func main() {
	flag.Parse()
	err := errors.Join(generate("internal/bindings", "wit_exports"), generate("internal/calls", "", "--calls"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// generate makes one folder. Of the exports of a world without any there is nothing to keep.
func generate(target, exports string, options ...string) error {
	made, err := os.MkdirTemp("", "bindings")
	if err != nil {
		return err
	}
	defer os.RemoveAll(made)
	arguments := append([]string{"bindings", "--lang", "go", "--package", module + target, "--output", made}, options...)
	if err := run("lockgate", arguments...); err != nil {
		return err
	}
	var kept []string
	err = filepath.WalkDir(made, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(made, path)
		if err != nil || exports == "" && strings.HasPrefix(relative, "wit_exports") {
			return err
		}
		kept = append(kept, relative)
		return adopt(path, filepath.Join(target, relative))
	})
	return errors.Join(err, others(target, kept))
}

// others tells of files that nothing makes any more.
func others(target string, kept []string) error {
	return filepath.WalkDir(target, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(target, path)
		if err == nil && !slices.Contains(kept, relative) && !strings.HasPrefix(relative, exported) {
			return fmt.Errorf("%s is made by nothing: delete it", path)
		}
		return err
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
	if *check {
		if there, err := os.ReadFile(to); err != nil || !bytes.Equal(there, text) {
			return fmt.Errorf("%s is not of today's contract: go run ./internal/generate writes it", to)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

func run(name string, arguments ...string) error {
	command := exec.Command(name, arguments...)
	command.Stderr = os.Stderr
	return command.Run()
}
