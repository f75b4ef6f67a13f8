package lockgate_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What the README shows is in files that are compiled and tested: each of its blocks of Go stands in one of the examples, and so
// do those of TOML.
func TestEveryBlockOfTheReadmeIsCompiled(t *testing.T) {
	var known []string
	err := filepath.WalkDir("examples", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && slices.Contains([]string{".go", ".toml"}, filepath.Ext(path)) {
			var text []byte
			text, err = os.ReadFile(path)
			known = append(known, string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for at, part := range strings.Split(string(readme), "```") {
		language, block, _ := strings.Cut(part, "\n")
		if at%2 == 0 || language != "go" && language != "toml" {
			continue
		}
		seen++
		if !slices.ContainsFunc(known, func(text string) bool { return strings.Contains(text, block) }) {
			t.Errorf("no example has this block:\n%s", block)
		}
	}
	if seen < 7 {
		t.Errorf("%d blocks", seen)
	}
}
