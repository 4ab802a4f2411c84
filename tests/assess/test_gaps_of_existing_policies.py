from dataclasses import replace

from recommender.assess import find_gaps
from recommender.model.confidence import Band
from recommender.model.disposition import Decided
from recommender.model.existing import (
    Advice,
    AdviceKind,
    ExistingPolicies,
    ExistingPolicy,
    ExistingUse,
    ForbiddenEdge,
    PolicyFate,
)
from recommender.model.gap import Severity
from recommender.model.inventory import Inventory, InventoryPolicy
from recommender.model.policy import Direction
from recommender.model.replay import Denial, ReplayProof
from tests.assess.builders import NEEDED, QUARANTINED, capture, edge

NAME = "CiliumNetworkPolicy/shop/db"
EDGE = edge()


def found(code, existing=None, *, proof=None, edges=(EDGE,), disposition=NEEDED, inventory=None):
    gaps = find_gaps(
        capture=capture(),
        edges=edges,
        decided={one.edge_id: Decided(disposition=disposition) for one in edges},
        workloads=(),
        groups=(),
        inventory=inventory or Inventory(),
        proof=proof,
        existing=existing,
    )
    return [gap for gap in gaps if gap.code == code]


def advice(kind, path="spec.ingress[0]", severity=Severity.LOW, confidence=Band.MEDIUM, reason="why"):
    return Advice(kind=kind, policy=NAME, path=path, severity=severity, confidence=confidence, reason=reason)


RETIRE, TIGHTEN = AdviceKind.RETIRE, AdviceKind.TIGHTEN


def test_unused_rules_are_told_policy_by_policy_and_by_how_much_they_open():
    items = (
        advice(RETIRE, "spec.ingress[0]", Severity.HIGH),
        advice(RETIRE, "spec.ingress[1]"),
        advice(RETIRE, "spec.ingress[2]", confidence=Band.LOW, reason="a job"),
        advice(TIGHTEN, "spec.ingress[3]"),
    )
    high, low = found("NPR408", ExistingPolicies(advice=items))
    assert (high.severity, high.count, high.examples) == (Severity.HIGH, 1, ("spec.ingress[0]",))
    assert (low.severity, low.count, low.subject) == (Severity.LOW, 2, NAME)
    assert low.reason == "2 rules without use; confidence low: a job"


def test_wide_rules_are_told_by_their_texts():
    [gap] = found("NPR409", ExistingPolicies(advice=(advice(TIGHTEN, severity=Severity.MEDIUM),)))
    assert (gap.subject, gap.reason) == (f"{NAME} spec.ingress[0]", "why (confidence medium)")


def test_wide_matches_in_flows_are_told_where_the_text_is_not_known():
    wide = edge(broad_matches=7, broad_policies=("CiliumClusterwideNetworkPolicy//open",))
    [gap] = found("NPR409", edges=(wide,))
    assert (gap.subject, gap.count) == ("CiliumClusterwideNetworkPolicy/open", 7)
    judged = ExistingPolicy(name="CiliumClusterwideNetworkPolicy/open", fate=PolicyFate.JUDGED)
    assert not found("NPR409", ExistingPolicies(policies=(judged,)), edges=(wide,))


def test_what_rests_on_existing_policies_is_told():
    denial = Denial(edge_id=EDGE.edge_id, edge=EDGE.key, direction="ingress", reason=f"allowed by {NAME}")
    proof = ReplayProof(edges=1, allowed=1, existing=1, dependent=(denial,), attested=(denial,))
    existing = ExistingPolicies(
        isolation=(("shop/db", Direction.INGRESS, (NAME,)),), lifted=(("shop/db", "from shop/web on TCP/80", (NAME,)),)
    )
    gaps = {gap.subject: gap for gap in found("NPR410", existing, proof=proof)}
    assert gaps.keys() == {"policies known by name only", "shop/db", "isolation", "existing policies"}
    assert gaps["existing policies"].severity is Severity.INFO
    assert gaps["policies known by name only"].severity is gaps["shop/db"].severity is Severity.MEDIUM
    assert gaps["isolation"].examples == (f"shop/db ingress: {NAME}",)
    assert not found("NPR410", proof=ReplayProof(edges=1, allowed=1))


def test_policies_that_do_not_count_are_told_with_the_reason():
    policies = (
        ExistingPolicy(name=NAME, fate=PolicyFate.UNJUDGED, reason="spec: bad"),
        ExistingPolicy(name="NetworkPolicy/shop/a", fate=PolicyFate.NAMED, reason="no inventory holds its text"),
        ExistingPolicy(name="NetworkPolicy/shop/b", fate=PolicyFate.NAMED, reason="no inventory holds its text"),
    )
    unjudged, named = found("NPR605", ExistingPolicies(policies=policies))
    assert (unjudged.subject, unjudged.severity, unjudged.reason) == (NAME, Severity.HIGH, "spec: bad")
    assert (named.severity, named.count) == (Severity.MEDIUM, 2)
    assert named.examples == ("NetworkPolicy/shop/a", "NetworkPolicy/shop/b")


def test_policies_left_aside_are_told_unless_the_user_asked_for_it():
    inventory = Inventory(policies=(InventoryPolicy(kind="NetworkPolicy", namespace="shop", name="a"),))
    existing = ExistingPolicies(note="nothing says which cluster")
    [gap] = found("NPR605", existing, inventory=inventory)
    assert gap.reason == "existing policies not taken into account: 1; nothing says which cluster"
    assert not found("NPR605", replace(existing, use=ExistingUse.IGNORE), inventory=inventory)


def test_whole_policies_to_retire():
    leftover = ExistingPolicy(name=NAME, fate=PolicyFate.LEFTOVER)
    existing = ExistingPolicies(policies=(leftover,), advice=(advice(RETIRE, path=""),))
    left, idle = found("NPR606", existing)
    assert (idle.severity, left.severity) == (Severity.LOW, Severity.MEDIUM)
    assert idle.examples == left.examples == (NAME,)


def forbidden(*, whole):
    return ExistingPolicies(forbidden=(ForbiddenEdge(edge_id=EDGE.edge_id, policies=(NAME,), whole=whole),))


def test_what_a_deny_rule_forbids_by_its_text_is_told():
    [gap] = found("NPR402", forbidden(whole=True), disposition=QUARANTINED)
    assert gap.reason == f"by its text a deny rule of {NAME} matches it"
    [partly] = found("NPR402", forbidden(whole=False))
    assert "for some of its pods or addresses" in partly.reason
    assert not found("NPR402", forbidden(whole=False), disposition=QUARANTINED)


def test_quarantined_edges_that_existing_policies_let_through_are_told_apart():
    denial = Denial(edge_id=EDGE.edge_id, edge=EDGE.key, direction="ingress", reason=f"allowed by {NAME}")
    proof = ReplayProof(edges=1, allowed=0, still_open=("a -> b TCP/1", EDGE.key), open_by_existing=(denial,))
    ours, theirs = sorted(found("NPR406", proof=proof), key=lambda gap: gap.subject == "existing policies")
    assert (ours.examples, ours.count) == (("a -> b TCP/1",), 1)
    assert theirs.examples == (f"{EDGE.key}: allowed by {NAME}",)
