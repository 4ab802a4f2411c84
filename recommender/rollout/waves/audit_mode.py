"""Audit: how a wave's policies are tried without denying anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, assert_never

from recommender.assess.gaps.report import command_name
from recommender.report.markdown_text import fenced
from recommender.rollout.waves.observation import kubectl
from recommender.rollout.waves.plan import Audit
from recommender.semantics.kinds import DocumentKind, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.rollout.waves.plan import PlannedObject, Wave

SCRIPT: Final = "audit-mode.sh"
_VALUE: Final = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_KEY: Final = re.compile(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_OPERATORS: Final = {"In": "in", "NotIn": "notin"}
_BODY: Final = """\
#!/bin/sh
# Puts the endpoints of this wave's policies in audit mode, or takes them out of it: sh audit-mode.sh Enabled|Disabled
# After Cilium's documentation, "Creating Policies from Verdicts"; cilium-dbg is called cilium before Cilium 1.15.
# A pod that starts later, and every pod whose Cilium agent restarts, is not in audit mode: run it again.
set -eu
mode=${{1:?Enabled or Disabled}}
cilium_namespace=${{CILIUM_NAMESPACE:-kube-system}}
while read -r namespace selector; do
  pods=$({kubectl} get pods -n "$namespace" -l "$selector" --field-selector status.phase=Running \\
    -o custom-columns=POD:.metadata.name,NODE:.spec.nodeName --no-headers < /dev/null)
  printf '%s\\n' "$pods" | while read -r pod node; do
    [ -n "$pod" ] || continue
    endpoint=$({kubectl} get ciliumendpoints -n "$namespace" "$pod" --ignore-not-found \\
      -o 'jsonpath={{.status.id}}' < /dev/null)
    [ -n "$endpoint" ] || {{ echo "$namespace/$pod: no endpoint of Cilium, left as it is"; continue; }}
    agent=$({kubectl} get pods -n "$cilium_namespace" -l k8s-app=cilium --field-selector "spec.nodeName=$node" \\
      -o 'jsonpath={{.items[0].metadata.name}}' < /dev/null)
    {kubectl} exec -n "$cilium_namespace" "$agent" -c cilium-agent -- \\
      cilium-dbg endpoint config "$endpoint" "PolicyAuditMode=$mode" < /dev/null
    echo "$namespace/$pod: $mode"
  done
done <<'ENDPOINTS'
{lines}
ENDPOINTS
"""


def audit_script(wave: Wave) -> str:
    """Sets audit mode of the wave's endpoints, selected as its policies select them."""
    lines = sorted({_line(item) for item in wave.objects})
    return _BODY.format(kubectl=kubectl(wave), lines="\n".join(lines))


def _line(item: PlannedObject) -> str:
    """Namespace and label selector; a selector that kubectl cannot say becomes the whole namespace."""
    spec = item.document["spec"]
    if kind_of(item.document) is DocumentKind.NETWORK_POLICY:
        namespace, selector = item.document["metadata"].get("namespace", "default"), spec["podSelector"]
    else:
        subject = spec["subject"]
        pods = subject.get("pods") or {}
        names = pods.get("namespaceSelector", subject.get("namespaces")) or {}
        namespace = (names.get("matchLabels") or {}).get("kubernetes.io/metadata.name", "NAMESPACE")
        selector = pods.get("podSelector") or {}
    return f"{command_name(namespace, 'NAMESPACE')} {_selector_text(selector or {})}".rstrip()


def _selector_text(selector: Mapping[str, Any]) -> str:
    """As `kubectl get -l` takes it; nothing, which is everybody, if a key or value is no label's."""
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    words = [*(selector.get("matchLabels") or {}).items()]
    for asked in selector.get("matchExpressions") or ():
        key, operator, values = asked["key"], asked["operator"], asked.get("values") or ()
        words += [(key, value) for value in values or ("",)]
        if operator in _OPERATORS:
            parts.append(f"{key} {_OPERATORS[operator]} ({','.join(values)})")
        else:
            parts.append(key if operator == "Exists" else f"!{key}")
    sound = all(_KEY.fullmatch(str(key)) and _VALUE.fullmatch(str(value)) for key, value in words)
    return ",".join(parts) if sound else ""


def auditing(wave: Wave) -> Iterator[str]:
    """The section of a wave's README that says why nothing is denied, and what is to be done for that."""
    match wave.audit:
        case Audit.SHADOW:
            yield from _shadow(wave)
        case Audit.STAGED:
            yield "These are staged policies (`StagedNetworkPolicy`, in Calico Open Source from 3.30 on): Calico tells"
            yield "what they would deny, and denies nothing."
        case Audit.MODE:
            yield from _mode(wave)
        case None:
            return
        case _:
            assert_never(wave.audit)


def _shadow(wave: Wave) -> Iterator[str]:
    """Cilium documentation, "Policy Enforcement Modes"; Cilium pull requests 30572 (field), 39382 (1.16)."""
    yield "These are shadow policies: the rules of the report's policies under names that end in `-shadow`, with"
    yield "`enableDefaultDeny: false` in both directions. They isolate nobody and need no audit mode; Cilium 1.16 or"
    yield "newer must run, with `enable-non-default-deny-policies` (on by default). An older one ignores the field and"
    yield "enforces them."
    yield ""
    in_system = f"{kubectl(wave)} -n kube-system get"
    lines = (
        f"{in_system} ds cilium -o 'jsonpath={{.spec.template.spec.containers[0].image}}'   # v1.16 or newer",
        f"{in_system} configmap cilium-config -o yaml | grep non-default-deny   # must not say false",
    )
    yield from fenced("\n".join(lines), "sh")
    yield ""
    yield "What no rule allows passes by the allow-all that Cilium adds, and Hubble tells it by that (match `all`)."
    yield "Pods of the namespace that no policy of this wave selects show there too, if a shared rule selects them:"
    yield "they do not count. HTTP rules and deny rules would act at once, so they are left out here and not audited."
    yield "Pods that another policy isolates already stay isolated: what that one denies is dropped, and not told here."


def _mode(wave: Wave) -> Iterator[str]:
    kinds = sorted({str(item.document["kind"]) for item in wave.objects})
    yield f"{' and '.join(kinds)} has no audit form: **what is applied is enforced**, unless the network plugin holds"
    yield "it off. With none of these ways leave this wave out, and watch the next one the closer."
    yield ""
    yield "1. Cilium: audit mode of the endpoints that these policies select, **before** they are applied. A pod that"
    yield "   starts later, or whose agent restarts, is enforced until the script runs again: keep the workloads still."
    yield ""
    yield from fenced(f"sh {SCRIPT} Enabled", "sh")
    yield ""
    yield "2. Cilium: audit mode of the whole cluster, as during a capture. It suspends everything that is enforced"
    yield "   today, and restarts the agents."
    yield ""
    cilium = 'cilium --context "${CONTEXT:?}"' if wave.cluster else "cilium"
    yield from fenced(
        f"{cilium} config set policy-audit-mode true\n{cilium} config view | grep policy-audit-mode   # must say true",
        "sh",
    )
    if "NetworkPolicy" in kinds:
        yield ""
        yield "3. Calico 3.30 or newer: the same fields as a staged policy of Calico's, which denies nothing."
        yield ""
        yield from fenced(
            f"{kubectl(wave)} kustomize . | sed -e 's#^kind: NetworkPolicy#kind: StagedKubernetesNetworkPolicy#' \\\n"
            "    -e 's#^apiVersion: networking.k8s.io/v1#apiVersion: projectcalico.org/v3#' > staged.yaml\n"
            f"{kubectl(wave)} apply -f staged.yaml   # instead of Apply; delete -f staged.yaml to go back",
            "sh",
        )
