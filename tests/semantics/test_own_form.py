from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.dialect.yaml_text import Commented, document
from recommender.semantics.manifest_documents import StrictLoader
from recommender.semantics.own_form import read_own_form

GOLDEN = sorted((Path(__file__).parents[1] / "dialect" / "golden").glob("cilium/**/*.yaml"))
_POLICY = """\
# Window: 2026-11-02T00:00:00Z
apiVersion: cilium.io/v2
metadata:
  name: web-1
  labels: {}
spec:
  enableDefaultDeny:
    ingress: true
  ingress:
    # from shop/cart on TCP/80
    - fromEndpoints:
        - matchLabels:
            k8s:app: cart
            "k8s:io/ name": "*"
      toPorts:
        - ports:
            - port: "80"
              endPort: 90
    - fromEntities:
        - host
  egress:
    - {}
"""


def _by_pyyaml(text):
    return list(yaml.load_all(text, Loader=StrictLoader))


def _agrees(text):
    """Whether the text is in our own form; if it is, PyYAML must read the same, of the same types."""
    own = read_own_form(text, {})
    if own is None:
        return False
    (expected,) = _by_pyyaml(text)
    assert repr(own) == repr(expected)
    return True


_WORDS = st.sampled_from(
    ["true", "False", "y", "No", "null", "~", "1e3", "010", "-1", "1_000", ".5", "a:", ":a", "a: b", "a #b", "", "é"]
)
_TEXTS = st.text(max_size=8) | st.text("ab:/.-_*@=, #\"'", max_size=8) | _WORDS
_HARMLESS = st.text("abz019:/.-_*@=, ", max_size=8) | _WORDS.filter(
    lambda text: text.isascii() and not {*"#~+"} & {*text}
)


def _commented(values):
    return values | st.builds(Commented, value=values, comments=st.tuples(st.text(max_size=6)))


def _structures(scalars):
    values = st.recursive(
        scalars,
        lambda inner: st.lists(_commented(inner), max_size=3) | st.dictionaries(_TEXTS, _commented(inner), max_size=3),
        max_leaves=12,
    )
    return st.dictionaries(_TEXTS, _commented(values), max_size=4)


def _plain_structures(scalars):
    """Mappings of lists of scalars or mappings, and so on; no list stands directly in a list."""
    mappings = st.recursive(
        st.dictionaries(_HARMLESS, scalars, max_size=3),
        lambda inner: st.dictionaries(
            _HARMLESS, scalars | inner | st.lists(_commented(scalars | inner), max_size=3), max_size=3
        ),
        max_leaves=8,
    )
    return mappings.filter(bool)


@given(_structures(_TEXTS | st.integers() | st.booleans()))
def test_whatever_we_write_is_read_as_pyyaml_reads_it(structure):
    _agrees(document(structure, header=("a header",)))


@given(_plain_structures(_HARMLESS | st.integers(0, 10**12) | st.booleans()))
def test_what_needs_no_escape_is_in_our_own_form(structure):
    assert _agrees(document(structure, header=("a header",)))


@given(st.data())
@example(None)
def test_a_text_that_was_changed_is_left_to_pyyaml_or_read_as_it_does(data):
    text = _POLICY
    for _ in range(0 if data is None else data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 3)))
        put = data.draw(st.text(" -:#\n\"'a1{}[]&*!|>%@?\t\r", max_size=3) | st.text(max_size=2))
        text = text[:start] + put + text[end:]
    assert _agrees(text) or data is not None


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_manifests_are_in_our_own_form(path):
    assert _agrees(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: 1",
        "a: 1\r\n",
        "a:\n",
        "a:\n- b\n",
        "a: yes\n",
        "a: 010\n",
        "a: |\n  # no comment\n",
        "a: b # c\n",
        'a: "b\\n"\n',
        "# \x07\na: 1\n",
        "--- \na: 1\n",
        "a: &b 1\n",
        "- a\n",
        "",
        f"{'k' * 200}: 1\n",
    ],
)
def test_another_form_is_left_to_pyyaml(text):
    assert read_own_form(text, {}) is None


def test_items_that_come_again_are_one_object():
    items = {}
    first, second = read_own_form(_POLICY, items), read_own_form(_POLICY.replace("web-1", "web-2"), items)
    assert first != second
    assert first["spec"]["ingress"][0] is second["spec"]["ingress"][0]
    assert len(items) == 3
