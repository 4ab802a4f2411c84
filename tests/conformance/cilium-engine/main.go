// Asks Cilium's own policy engine about conformance scenarios.
//
// It reads scenarios as JSON lines from standard input and writes them to standard output with the engine's answers:
// per query Egress, Ingress and the redirect flags.
// No cluster and no kernel are involved: this is the code that computes an endpoint's policy map in the agent.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// Pod is one endpoint of the scenario.
type Pod struct {
	Name           string            `json:"name"`
	Namespace      string            `json:"namespace"`
	Labels         map[string]string `json:"labels"`
	ServiceAccount string            `json:"serviceAccount,omitempty"`
	NamedPorts     map[string]string `json:"namedPorts,omitempty"`
}

// Query is a flow, and the engine's answer to it.
type Query struct {
	From, To, Proto string
	Port            int
	Egress          string `json:",omitempty"`
	Ingress         string `json:",omitempty"`
	EgressRedirect  bool   `json:",omitempty"`
	IngressRedirect bool   `json:",omitempty"`
}

// Scenario is one line of input.
type Scenario struct {
	Name       string
	Policies   []string
	Namespaces map[string]map[string]string
	Pods       []Pod
	FQDNs      map[string][]string `json:"fqdns,omitempty"`
	Queries    []Query
}

func main() {
	configure()
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for decoder.More() {
		var scenario Scenario
		if err := decoder.Decode(&scenario); err != nil {
			fail("reading a scenario", err)
		}
		if err := answer(&scenario); err != nil {
			fail(scenario.Name, err)
		}
		if err := encoder.Encode(scenario); err != nil {
			fail("writing", err)
		}
	}
}

func fail(where string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", where, err)
	os.Exit(1)
}
