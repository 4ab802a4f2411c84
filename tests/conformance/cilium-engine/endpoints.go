package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/types"
)

const (
	firstPod   = identity.NumericIdentity(1000)
	kubernetes = labels.LabelSourceK8s
)

var reserved = map[string]identity.NumericIdentity{
	"host": 1, "world": 2, "unmanaged": 3, "health": 4, "init": 5, "remote-node": 6, "kube-apiserver": 7, "ingress": 8,
}

// Endpoint is one end of a flow as the engine knows it.
type Endpoint struct {
	identity *identity.Identity
	ports    types.NamedPortMap
	governed bool
}

// endpoints gives every pod, every reserved entity and every address of the queries an identity.
func endpoints(scenario *Scenario, names []api.FQDNSelector) (map[string]*Endpoint, error) {
	found := map[string]*Endpoint{}
	for name, number := range reserved {
		set := labels.Labels{name: labels.NewLabel(name, "", labels.LabelSourceReserved)}
		if name == "kube-apiserver" {
			set["remote-node"] = labels.NewLabel("remote-node", "", labels.LabelSourceReserved)
		}
		governed := name == "health" || name == "init" || name == "ingress"
		found[name] = &Endpoint{identity: identity.NewIdentity(number, set), governed: governed}
	}
	for n, pod := range scenario.Pods {
		ports, err := namedPorts(pod)
		if err != nil {
			return nil, err
		}
		found[pod.Namespace+"/"+pod.Name] = &Endpoint{
			identity: identity.NewIdentity(firstPod+identity.NumericIdentity(n), podLabels(pod, scenario.Namespaces[pod.Namespace])),
			ports:    ports,
			governed: true,
		}
	}
	next := identity.IdentityScopeLocal
	for _, query := range scenario.Queries {
		for _, end := range []string{query.From, query.To} {
			kind, address, isAddress := strings.Cut(end, ":")
			if found[end] != nil {
				continue
			}
			if !isAddress {
				return nil, fmt.Errorf("unknown endpoint %q", end)
			}
			set, err := addressLabels(address, scenario.FQDNs[address], names)
			if err != nil {
				return nil, err
			}
			if kind == "apiserver-ip" {
				set["kube-apiserver"] = labels.NewLabel("kube-apiserver", "", labels.LabelSourceReserved)
			}
			next++
			found[end] = &Endpoint{identity: identity.NewIdentity(next, set)}
		}
	}
	return found, nil
}

func podLabels(pod Pod, namespace map[string]string) labels.Labels {
	set := labels.Labels{}
	add := func(key, value string) { set[key] = labels.NewLabel(key, value, kubernetes) }
	for key, value := range pod.Labels {
		add(key, value)
	}
	for key, value := range namespace {
		add("io.cilium.k8s.namespace.labels."+key, value)
	}
	account := pod.ServiceAccount
	if account == "" {
		account = "default"
	}
	add("io.kubernetes.pod.namespace", pod.Namespace)
	add("io.cilium.k8s.policy.cluster", cluster)
	add("io.cilium.k8s.policy.serviceaccount", account)
	return set
}

func namedPorts(pod Pod) (types.NamedPortMap, error) {
	ports := types.NamedPortMap{}
	for name, text := range pod.NamedPorts {
		protocol, number, _ := strings.Cut(text, "/")
		port, err := strconv.Atoi(number)
		if err != nil {
			return nil, err
		}
		if err := ports.AddPort(name, port, protocol); err != nil {
			return nil, err
		}
	}
	return ports, nil
}

// addressLabels are those of the /32 or /128 identity, with the label of every FQDN selector that one of its names matches.
func addressLabels(text string, names []string, selectors []api.FQDNSelector) (labels.Labels, error) {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return nil, err
	}
	set := labels.GetCIDRLabels(netip.PrefixFrom(address, address.BitLen()))
	for _, selector := range selectors {
		pattern, err := selector.ToRegex()
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if pattern.MatchString(strings.ToLower(strings.TrimSuffix(name, ".")) + ".") {
				label := selector.IdentityLabel()
				set[label.Key] = label
			}
		}
	}
	return set, nil
}
