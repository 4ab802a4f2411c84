"""What to look at while a wave stands: the commands and queries, each with where its names come from.

Cilium's and Hubble's are those of Cilium 1.20's source, where each constant says the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from recommender.assess.gaps.report import command_name
from recommender.model.manifest import Dialect
from recommender.report.markdown_text import fenced
from recommender.rollout.waves.plan import Audit, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.waves.plan import Wave

_VERDICTS: Final = "hubble observe --verdict {verdict} {types} --namespace {namespace} --since 1h"
"""Flags and values: hubble/cmd/observe/flows.go. `--since` lifts the limit of 20 flows."""
_SHADOWED: Final = " | grep -F 'policy-verdict:all'"
"""The match type of the allow-all that Cilium adds where no policy turns default deny on (pkg/policy/repository.go,
bpf/lib/policy.h); printed by hubble/pkg/printer/printer.go."""
_AUDITED: Final = 'sum by (direction) (increase(hubble_policy_verdicts_total{action="audit"}[15m]))'
_SHADOWED_QUERY: Final = (
    'sum by (direction) (increase(hubble_policy_verdicts_total{match="all",action="forwarded"}[15m]))'
)
"""Labels `direction`, `match` and `action`, in lower case: pkg/hubble/metrics/policy/handler.go."""
_DROPPED: Final = 'sum by (reason) (increase(hubble_drop_total{reason=~"POLICY_DENIED|POLICY_DENY"}[15m]))'
"""Labels `reason` and `protocol`: pkg/hubble/metrics/drop/handler.go; reasons: api/v1/flow/flow.proto, of which
POLICY_DENY is a deny rule's."""
_DROPPED_BY_AGENTS: Final = 'sum by (direction) (increase(cilium_drop_count_total{reason=~"Policy denied.*"}[15m]))'
"""Labels: Documentation/observability/metrics.rst; reasons: pkg/monitor/api/drop.go."""
_HUBBLE: Final = (
    "`hubble` needs the relay: `cilium hubble port-forward &` first, or add `-P`. A node remembers its last 4,095",
    "flows unless it is told otherwise (`hubble.eventBufferCapacity`): for the whole wait keep the exporter's files.",
)
"""install/kubernetes/cilium/values.yaml; hubble/cmd/common/config/flags.go."""
_METRICS: Final = (
    "Hubble counts these only if its metrics `policy` and `drop` are enabled (`hubble.metrics.enabled`); they carry",
    "`source` and `destination` only with `sourceContext` and `destinationContext`. The agents' counter is there",
    "wherever Prometheus reads them.",
)
"""Documentation/observability/metrics.rst, "Hubble Exported Metrics" and "Context Options"."""
_WHISKER: Final = (
    "kubectl port-forward -n calico-system service/whisker 8443:8443"
    "   # https://localhost:8443; in older versions 8081:8081, and http"
)
"""Calico documentation, "View flow logs in the Calico Whisker web console"."""
_CALICO_DENIED: Final = "sum by (policy) (increase(calico_denied_packets[15m]))"
"""Calico Enterprise and Cloud, "Policy metrics"; Felix of Calico Open Source counts no denied packets (its "Monitoring
Felix with Prometheus" lists all)."""


def watching(wave: Wave, dialect: str) -> Iterator[str]:
    """The section of a wave's README that says what to look at."""
    if dialect == Dialect.CALICO:
        yield from _calico(wave)
        return
    if dialect != Dialect.CILIUM:
        yield "Where the network plugin is Cilium:"
        yield ""
    yield from fenced("\n".join(_commands(wave)), "sh")
    yield ""
    yield from _HUBBLE
    yield ""
    yield from fenced("\n".join(_queries(wave)), "promql")
    yield ""
    yield from _METRICS
    if dialect != Dialect.CILIUM:
        yield ""
        yield "Other plugins tell denied connections in ways of their own, or not at all: watch errors and timeouts of"
        yield "the workloads."


def _commands(wave: Wave) -> Iterator[str]:
    match wave.audit:
        case Audit.MODE:
            verdict, types, rest = "AUDIT", "--type policy-verdict", ""
        case Audit.SHADOW:
            verdict, types, rest = "FORWARDED", "--type policy-verdict", _SHADOWED
        case Audit.STAGED | None:
            verdict, types, rest = "DROPPED", "--type policy-verdict --type l7", ""
        case _:
            assert_never(wave.audit)
    context = ' -P --kube-context "${CONTEXT:?}"' if wave.cluster else ""
    for namespace in namespaces_of(wave):
        yield _VERDICTS.format(verdict=verdict, types=types, namespace=namespace) + context + rest


def _queries(wave: Wave) -> Iterator[str]:
    match wave.audit:
        case Audit.MODE:
            yield "# what audit mode let pass that a policy denies"
            yield _AUDITED
        case Audit.SHADOW:
            yield "# what no rule allows"
            yield _SHADOWED_QUERY
        case Audit.STAGED | None:
            yield "# denied by policy, as Hubble counts it, and as the agents do"
            yield _DROPPED
            yield _DROPPED_BY_AGENTS
        case _:
            assert_never(wave.audit)


def _calico(wave: Wave) -> Iterator[str]:
    yield from fenced(_WHISKER, "sh")
    yield ""
    if wave.stage is Stage.AUDIT:
        yield "In Whisker (Calico 3.30 or newer, installed by its operator) open a flow and look at its *pending*"
        yield "policies: what a staged policy would deny is told there. Calico Open Source has no metric of it."
        return
    yield "In Whisker (Calico 3.30 or newer, installed by its operator) filter by the action *Deny*."
    yield "Calico Open Source has no metric of denied packets. Calico Enterprise and Calico Cloud have:"
    yield ""
    yield from fenced(_CALICO_DENIED, "promql")


def namespaces_of(wave: Wave) -> list[str]:
    """Of its policies; a name that is none of Kubernetes' stays out of commands."""
    return sorted({command_name(one.namespace, "NAMESPACE") for one in wave.candidates})


def kubectl(wave: Wave) -> str:
    """The program; with several clusters it refuses to run until somebody says which one is meant."""
    return 'kubectl --context "${CONTEXT:?}"' if wave.cluster else "kubectl"
