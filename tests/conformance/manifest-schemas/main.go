// Validates manifests against CustomResourceDefinitions as an API server does on creation.
//
// Arguments are files with CustomResourceDefinitions. It reads manifests as JSON lines {"name", "text"} from standard
// input and writes {"name", "errors"} to standard output; a manifest of a kind that no file defines is an error.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// Manifest is one line of input, and what is wrong with it.
type Manifest struct {
	Name   string   `json:"name"`
	Text   string   `json:"text,omitempty"`
	Errors []string `json:"errors"`
}

func main() {
	schemas := Schemas{}
	for _, path := range os.Args[1:] {
		if err := schemas.load(path); err != nil {
			fail(path, err)
		}
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for decoder.More() {
		var manifest Manifest
		if err := decoder.Decode(&manifest); err != nil {
			fail("reading a manifest", err)
		}
		answer := Manifest{Name: manifest.Name, Errors: schemas.errorsOf([]byte(manifest.Text))}
		if err := encoder.Encode(answer); err != nil {
			fail("writing", err)
		}
	}
}

func fail(where string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", where, err)
	os.Exit(1)
}
