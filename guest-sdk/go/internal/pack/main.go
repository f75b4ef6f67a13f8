// Pack writes this module into a folder that GOPROXY can name, as a module proxy serves it:
//
//	go run ./internal/pack -version v0.1.0 -licence ../../LICENSE FOLDER
//	GOPROXY=file://FOLDER GONOSUMDB=lockgate.dev go get lockgate.dev/lockgate@v0.1.0
//
// Run it in the folder of the SDK.
package main

import (
	"archive/zip"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

const module = "lockgate.dev/lockgate"

func main() {
	version := flag.String("version", "v0.1.0", "the module's version")
	licence := flag.String("licence", "LICENSE", "the licence's file")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "say into which folder")
		os.Exit(2)
	}
	if err := pack(filepath.Join(flag.Arg(0), module, "@v"), *version, *licence); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func pack(folder, version, licence string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	goMod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": info, version + ".mod": goMod} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return archive(filepath.Join(folder, version+".zip"), module+"@"+version, licence)
}

// archive has every file of the module, and no other module below it.
func archive(to, prefix, licence string) error {
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer file.Close()
	out := zip.NewWriter(file)
	add := func(from, name string) error {
		text, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		entry, err := out.Create(path.Join(prefix, name))
		if err == nil {
			_, err = entry.Write(text)
		}
		return err
	}
	if err := add(licence, "LICENSE"); err != nil {
		return err
	}
	err = filepath.WalkDir(".", func(from string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && from != "." && (isModule(from) || strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir
		case entry.Type().IsRegular():
			return add(from, filepath.ToSlash(from))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return out.Close()
}

func isModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}
