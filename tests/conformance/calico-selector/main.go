// Asks Calico's own selector parser.
//
// It reads JSON lines {"selector", "labels": [{…}, …]} from standard input and writes them with "valid" and, for a valid
// selector, "answers": whether it holds for each of the labels.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/projectcalico/calico/libcalico-go/lib/selector"
)

// Question is a selector, label sets, and the parser's answers.
type Question struct {
	Selector string              `json:"selector"`
	Labels   []map[string]string `json:"labels"`
	Valid    bool                `json:"valid"`
	Answers  []bool              `json:"answers"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for decoder.More() {
		var question Question
		if err := decoder.Decode(&question); err != nil {
			fail(err)
		}
		question.Answers = []bool{}
		if parsed, err := selector.Parse(question.Selector); err == nil {
			question.Valid = true
			for _, labels := range question.Labels {
				question.Answers = append(question.Answers, parsed.Evaluate(labels))
			}
		}
		if err := encoder.Encode(question); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
