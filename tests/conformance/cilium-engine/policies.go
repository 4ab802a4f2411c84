package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/k8s"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	networkingv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/policy/api"
	policytypes "github.com/cilium/cilium/pkg/policy/types"
	policyutils "github.com/cilium/cilium/pkg/policy/utils"
	policyv1alpha2 "sigs.k8s.io/network-policy-api/apis/v1alpha2"
	"sigs.k8s.io/yaml"
)

// Parsed is one policy in the engine's own form.
type Parsed struct {
	resource types.ResourceID
	entries  policytypes.PolicyEntries
	names    []api.FQDNSelector
}

// parse reads one policy as the agent does after the API server has admitted it.
func parse(logger *slog.Logger, text string) (Parsed, error) {
	var head struct{ Kind string }
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		return Parsed{}, err
	}
	switch head.Kind {
	case "NetworkPolicy":
		return parseNetworkPolicy(logger, text)
	case "CiliumNetworkPolicy":
		var policy v2.CiliumNetworkPolicy
		if err := yaml.Unmarshal([]byte(text), &policy); err != nil {
			return Parsed{}, err
		}
		rules, err := policy.Parse(logger, cluster)
		return fromRules(types.NewResourceID(types.ResourceKindCNP, policy.Namespace, policy.Name), rules), err
	case "CiliumClusterwideNetworkPolicy":
		var policy v2.CiliumClusterwideNetworkPolicy
		if err := yaml.Unmarshal([]byte(text), &policy); err != nil {
			return Parsed{}, err
		}
		rules, err := policy.Parse(logger, cluster)
		return fromRules(types.NewResourceID(types.ResourceKindCCNP, "", policy.Name), rules), err
	case "ClusterNetworkPolicy":
		return parseClusterNetworkPolicy(logger, text)
	}
	return Parsed{}, fmt.Errorf("unknown kind %q", head.Kind)
}

// parseNetworkPolicy also applies the API server's default for policyTypes.
func parseNetworkPolicy(logger *slog.Logger, text string) (Parsed, error) {
	var policy networkingv1.NetworkPolicy
	if err := yaml.Unmarshal([]byte(text), &policy); err != nil {
		return Parsed{}, err
	}
	if len(policy.Spec.PolicyTypes) == 0 {
		policy.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		if len(policy.Spec.Egress) > 0 {
			policy.Spec.PolicyTypes = append(policy.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		}
	}
	entries, err := k8s.ParseNetworkPolicy(logger, cluster, &policy)
	return Parsed{
		resource: types.NewResourceID(types.ResourceKindNetpol, policy.Namespace, policy.Name),
		entries:  entries,
	}, err
}

func parseClusterNetworkPolicy(logger *slog.Logger, text string) (Parsed, error) {
	var policy policyv1alpha2.ClusterNetworkPolicy
	if err := yaml.UnmarshalStrict([]byte(text), &policy); err != nil {
		return Parsed{}, err
	}
	entries, err := k8s.ParseClusterNetworkPolicy(logger, cluster, &policy)
	return Parsed{
		resource: types.NewResourceID(types.ResourceKindKCNP, "", policy.Name),
		entries:  entries,
		names:    domainNames(policy.Spec.Egress),
	}, err
}

func fromRules(resource types.ResourceID, rules api.Rules) Parsed {
	parsed := Parsed{resource: resource, entries: policyutils.RulesToPolicyEntries(rules)}
	for _, rule := range rules {
		for _, egress := range rule.Egress {
			parsed.names = append(parsed.names, egress.ToFQDNs...)
		}
	}
	return parsed
}

// domainNames are the selectors that ParseClusterNetworkPolicy makes: a leading `*.` stands for any number of labels.
func domainNames(rules []policyv1alpha2.ClusterNetworkPolicyEgressRule) (found []api.FQDNSelector) {
	for _, rule := range rules {
		for _, peer := range rule.To {
			for _, name := range peer.DomainNames {
				if strings.HasPrefix(string(name), "*") {
					found = append(found, api.FQDNSelector{MatchPattern: "*" + string(name)})
				} else {
					found = append(found, api.FQDNSelector{MatchName: string(name)})
				}
			}
		}
	}
	return found
}
