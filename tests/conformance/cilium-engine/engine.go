package main

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"sync"

	"github.com/cilium/cilium/pkg/crypto/certificatemanager"
	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	"github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

const cluster = "default"

var protocols = map[string]u8proto.U8proto{
	"TCP": u8proto.TCP, "UDP": u8proto.UDP, "SCTP": u8proto.SCTP, "ICMP": u8proto.ICMP, "ICMPv6": u8proto.ICMPv6,
}

// configure sets what an agent under Kubernetes sets: the default enforcement mode, dual stack, allow-localhost always.
func configure() {
	option.Config.EnableIPv4 = true
	option.Config.EnableIPv6 = true
	option.Config.EnableL7Proxy = true
	option.Config.EnableICMPRules = true
	option.Config.EnableNonDefaultDenyPolicies = true
	option.Config.EnableNodeSelectorLabels = true
	option.Config.EnableExtendedIPProtocols = true
	option.Config.UnsafeDaemonConfigOption.AllowLocalhost = option.AllowLocalhostAlways
	policy.SetPolicyEnabled(option.DefaultEnforcement)
	api.InitEntities(cluster)
}

// portsOfAll resolves named ports of egress rules at each peer.
type portsOfAll struct{ types.NamedPortMultiMap }

func (p portsOfAll) GetNamedPorts() types.NamedPortMultiMap { return p.NamedPortMultiMap }

// answer fills in the answers of all queries. A panic inside the engine becomes an error.
func answer(scenario *Scenario) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the engine panics: %v", cause)
		}
	}()
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	var parsed []Parsed
	var names []api.FQDNSelector
	for number, text := range scenario.Policies {
		one, err := parse(logger, text)
		if err != nil {
			return fmt.Errorf("policy %d: %w", number, err)
		}
		parsed = append(parsed, one)
		names = append(names, one.names...)
	}
	found, err := endpoints(scenario, names)
	if err != nil {
		return err
	}
	repository := repositoryOf(logger, parsed, found)
	for number := range scenario.Queries {
		query := &scenario.Queries[number]
		from, to := found[query.From], found[query.To]
		protocol, known := protocols[query.Proto]
		if !known {
			return fmt.Errorf("unknown protocol %q", query.Proto)
		}
		egress := policy.EgressKey().WithIdentity(to.identity.ID).WithPortProto(protocol, uint16(query.Port))
		ingress := policy.IngressKey().WithIdentity(from.identity.ID).WithPortProto(protocol, uint16(query.Port))
		if query.Egress, query.EgressRedirect, err = verdict(logger, repository, from, egress); err != nil {
			return err
		}
		if query.Ingress, query.IngressRedirect, err = verdict(logger, repository, to, ingress); err != nil {
			return err
		}
	}
	return nil
}

// repositoryOf loads identities into both selector caches before any policy: a missing one is silently allowed.
func repositoryOf(logger *slog.Logger, parsed []Parsed, found map[string]*Endpoint) *policy.Repository {
	ids := identity.IdentityMap{}
	ports := types.NewNamedPortMultiMap()
	for _, endpoint := range found {
		ids[endpoint.identity.ID] = endpoint.identity.LabelArray
		ports.Update(endpoint.identity.ID, nil, endpoint.ports)
	}
	// L7 rules are translated, not evaluated: only whether they redirect is asked.
	translator := envoypolicy.NewEnvoyL7RulesTranslator(logger, certificatemanager.NewMockSecretManagerInline())
	repository := policy.NewPolicyRepository(
		logger, ids, nil, translator, identitymanager.NewIDManager(logger), testpolicy.NewPolicyMetricsNoop())
	repository.SetNamedPortsGetter(portsOfAll{ports})
	repository.UpdateIdentities(ids, nil)
	repository.GetSelectorCache().UpdateIdentities(ids, nil, &sync.WaitGroup{})
	for _, one := range parsed {
		repository.ReplaceByResource(one.entries, one.resource)
	}
	return repository
}

// verdict looks the flow up in the policy map of the endpoint whose policy is asked.
func verdict(logger *slog.Logger, repository *policy.Repository, endpoint *Endpoint, key policy.Key) (string, bool, error) {
	if !endpoint.governed {
		return "n/a", false, nil
	}
	selected, _, err := repository.ComputeSelectorPolicy(endpoint.identity)
	if err != nil {
		return "", false, err
	}
	computed := selected.DistillPolicy(logger, owner{endpoint}, map[string]uint16{policy.FallbackRedirectID: math.MaxUint16})
	if err := computed.Ready(); err != nil {
		return "", false, err
	}
	entry, _, _ := computed.Lookup(key)
	computed.Detach(logger)
	selected.Supersede()
	if entry.IsDeny() {
		return "denied", false, nil
	}
	return "allowed", entry.IsRedirectEntry(), nil
}

// owner is the endpoint whose policy is computed.
type owner struct{ endpoint *Endpoint }

func (o owner) GetID() uint64 { return uint64(o.endpoint.identity.ID) }

func (o owner) GetIngressNamedPort(name string, protocol u8proto.U8proto) uint16 {
	port, err := o.endpoint.ports.GetNamedPort(name, protocol)
	if err != nil {
		return 0
	}
	return port
}

func (o owner) PolicyDebug(string, ...any) {}

func (o owner) IsHost() bool { return false }

func (o owner) PreviousMapStateSizes() policy.MapStateSizes { return policy.MapStateSizes{} }

func (o owner) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}
