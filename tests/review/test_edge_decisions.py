from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.model.decision import Decisions, EdgeChoice, EdgeDecision, RuleChoice, RuleDecision, Signed
from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import AddressEnd, Edge, EntityEnd, FqdnEnd, Protocol, WorkloadEnd
from recommender.model.entity import Entity
from recommender.review import obey_edges
from recommender.review.edge_text import edge_from_key
from tests.report.sample import evidence, sample_recommendation

DAY = date(2026, 11, 23)
SAMPLE = sample_recommendation()
WORKLOADS = SAMPLE.workloads
WEB, CART = (
    next(one.end for one in WORKLOADS if one.end.name == name and one.end.namespace == "shop")
    for name in ("web", "cart")
)


def edge(client=WEB, server=CART, port=8080):
    return Edge(client=client, server=server, protocol=Protocol.TCP, port=port, evidence=evidence())


def obey(observed, disposition, *, edges=(), rules=()):
    decided = {one.edge_id: Decided(disposition=disposition) for one in observed}
    given_ = Decisions(edges=tuple(edges), rules=tuple(rules), digest="x")
    return obey_edges(observed, decided, given_, workloads=WORKLOADS, day=DAY)


def say(choice, what, **signed):
    return EdgeDecision(edge=what.key, choice=choice, signed=Signed(reviewer="Ada", **signed))


def keep(*edges, **signed):
    keys = tuple(one.key for one in edges)
    return RuleDecision(policy="shop/cart", rule="", edges=keys, choice=RuleChoice.KEEP, signed=Signed(**signed))


@pytest.mark.parametrize(
    ("choice", "before", "after"),
    [
        (EdgeChoice.EXCLUDE, Disposition.NEEDED, Disposition.EXCLUDED),
        (EdgeChoice.EXCLUDE, Disposition.REVIEW, Disposition.EXCLUDED),
        (EdgeChoice.EXCLUDE, Disposition.QUARANTINED, Disposition.EXCLUDED),
        (EdgeChoice.RELEASE, Disposition.QUARANTINED, Disposition.NEEDED),
        (EdgeChoice.FORCE, Disposition.QUARANTINED, Disposition.NEEDED),
        (EdgeChoice.FORCE, Disposition.EXCLUDED, Disposition.NEEDED),
    ],
)
def test_a_persons_word_comes_before_ours(choice, before, after):
    outcome = obey([edge()], before, edges=[say(choice, edge(), note="agreed")])
    decided = outcome.decided[edge().edge_id]
    assert (decided.disposition, decided.by_person) == (after, True)
    assert decided.reason.endswith("by Ada: agreed")
    assert [found for _, found in outcome.followed] == [(edge().key,)]
    assert outcome.unfollowed == ()
    assert outcome.kept == ()


@pytest.mark.parametrize(
    ("choice", "before", "why"),
    [
        (EdgeChoice.RELEASE, Disposition.NEEDED, "is not in quarantine"),
        (EdgeChoice.FORCE, Disposition.NEEDED, "needed anyway"),
        (EdgeChoice.FORCE, Disposition.REVIEW, "review anyway"),
    ],
)
def test_a_word_without_effect_is_told(choice, before, why):
    outcome = obey([edge()], before, edges=[say(choice, edge())])
    assert outcome.decided[edge().edge_id].disposition is before
    [(_, told)] = outcome.unfollowed
    assert why in told


def test_decisions_expire_by_the_day_on_which_the_capture_ends():
    last, over = date(2026, 11, 23), date(2026, 11, 22)
    followed = obey([edge()], Disposition.NEEDED, edges=[say(EdgeChoice.EXCLUDE, edge(), expires=last)])
    assert followed.decided[edge().edge_id].disposition is Disposition.EXCLUDED
    expired = obey([edge()], Disposition.NEEDED, edges=[say(EdgeChoice.EXCLUDE, edge(), expires=over)])
    assert expired.decided[edge().edge_id].disposition is Disposition.NEEDED
    assert [told for _, told in expired.unfollowed] == ["it expired on 2026-11-22"]
    rule = obey([], Disposition.NEEDED, rules=[keep(edge(), expires=over)])
    assert rule.edges == ()


def test_a_forced_edge_that_nothing_showed_is_added_and_known_as_such():
    unseen = edge(port=9999)
    outcome = obey([edge()], Disposition.NEEDED, edges=[say(EdgeChoice.FORCE, unseen)])
    added = next(one for one in outcome.edges if one.port == 9999)
    assert not added.evidence.seen
    assert outcome.decided[added.edge_id].disposition is Disposition.NEEDED
    assert outcome.kept == (added.edge_id,)


@pytest.mark.parametrize("choice", [EdgeChoice.EXCLUDE, EdgeChoice.RELEASE])
def test_nothing_is_added_to_leave_it_out(choice):
    outcome = obey([], Disposition.NEEDED, edges=[say(choice, edge())])
    assert outcome.edges == ()
    assert [told for _, told in outcome.unfollowed] == ["the edge was not seen in this window"]


def test_a_rule_that_a_person_keeps_survives_a_run_that_does_not_show_it():
    seen, unseen = edge(), edge(port=9999)
    outcome = obey([seen], Disposition.NEEDED, rules=[keep(seen, unseen)])
    assert [one.port for one in outcome.edges] == [8080, 9999]
    assert outcome.kept == (unseen.edge_id,)
    assert not outcome.decided[seen.edge_id].by_person
    assert outcome.decided[unseen.edge_id].reason.endswith("not seen in this window")


def test_keeping_does_not_let_an_edge_out_of_quarantine():
    outcome = obey([edge()], Disposition.QUARANTINED, rules=[keep(edge())])
    assert outcome.decided[edge().edge_id].disposition is Disposition.QUARANTINED


def test_exclude_beats_keep():
    outcome = obey([], Disposition.NEEDED, rules=[keep(edge())], edges=[say(EdgeChoice.EXCLUDE, edge())])
    assert outcome.decided[edge().edge_id].disposition is Disposition.EXCLUDED


def test_an_end_that_the_run_does_not_know_adds_nothing():
    stranger = edge(server=WorkloadEnd(namespace="shop", kind="Deployment", name="gone"))
    for outcome in (
        obey([], Disposition.NEEDED, edges=[say(EdgeChoice.FORCE, stranger)]),
        obey([], Disposition.NEEDED, rules=[keep(stranger)]),
    ):
        assert outcome.edges == ()
        assert "no workload that this run knows" in outcome.unfollowed[0][1]


def test_without_decisions_nothing_changes():
    outcome = obey([edge()], Disposition.QUARANTINED)
    assert outcome.edges == (edge(),)
    assert outcome.followed == outcome.unfollowed == ()


NAMES = st.text(st.characters(codec="ascii", categories=("Ll", "Nd"), include_characters="-."), min_size=1, max_size=20)
ENDS = st.one_of(
    st.builds(WorkloadEnd, cluster=st.one_of(st.just(""), NAMES), namespace=NAMES, kind=NAMES, name=NAMES),
    st.builds(EntityEnd, entity=st.sampled_from(Entity)),
    st.builds(FqdnEnd, name=NAMES),
    st.builds(AddressEnd, address=st.ip_addresses().map(str)),
)


@given(ENDS, ENDS, st.sampled_from(Protocol), st.integers(0, 65535))
def test_an_edge_reads_back_from_its_text(client, server, protocol, port):
    made = Edge(client=client, server=server, protocol=protocol, port=port, evidence=evidence())
    found = edge_from_key(made.key)
    assert found is not None
    assert found.edge_id == made.edge_id
    assert replace(found, evidence=made.evidence) == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web -> cart TCP/80",
        "shop/Deployment/web -> shop/Deployment/cart",
        "shop/Deployment/web -> shop/Deployment/cart TCP/99999",
        "shop/Deployment/web -> shop/Deployment/cart QUIC/80",
        "shop/Deployment/web  -> shop/Deployment/cart TCP/80",
        "entity:nobody -> shop/Deployment/cart TCP/80",
        "ip:300.1.1.1 -> shop/Deployment/cart TCP/80",
        "shop/Deployment/web -> shop/Deployment/cart TCP/080",
        "shop/Deployment/web\n-> shop/Deployment/cart TCP/80",
    ],
)
def test_what_is_no_edge_is_not_guessed(text):
    assert edge_from_key(text) is None
