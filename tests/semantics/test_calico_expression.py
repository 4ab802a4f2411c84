"""From Calico's documentation, "Selectors"; the parser itself is asked by `make conformance-live`."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.semantics.calico_expression import (
    Compared,
    Comparison,
    Every,
    Everything,
    Global,
    Has,
    Not,
    OneOf,
    Some,
    conjuncts,
    keys_of,
    mentions_global,
)
from recommender.semantics.calico_parser import parse_expression

LABELS = {"app": "web", "tier": "front-end", "empty": ""}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        (" \t", True),
        ("all()", True),
        ("all( )", True),
        ("!all()", False),
        ("global()", False),
        ("app == 'web'", True),
        ('app=="web"', True),
        ("app == 'api'", False),
        ("app != 'web'", False),
        ("missing == ''", False),
        ("missing != 'x'", True),
        ("empty == ''", True),
        ("has(app)", True),
        ("has( missing )", False),
        ("!has(missing)", True),
        ("!!has(app)", True),
        ("! ! ! has(app)", False),
        ("app in {'web', \"api\"}", True),
        ("app in {'web',}", True),
        ("app in {}", False),
        ("app not in {}", True),
        ("app not in {'web'}", False),
        ("app notin {'api'}", True),
        ("missing in {'x'}", False),
        ("missing not in {'x'}", True),
        ("tier contains 'nt-e'", True),
        ("tier contains 'back'", False),
        ("tier starts with 'front'", True),
        ("tier startswith 'end'", False),
        ("tier ends with 'end'", True),
        ("missing contains ''", False),
        ("app == 'api' || has(tier) && app == 'web'", True),
        ("(app == 'api' || has(tier)) && app == 'x'", False),
        ("app == 'web' || app == 'x' && app == 'y'", True),
        ("!app == 'web'", False),
        ("not == 'x'", False),
        ("in in {'x'}", False),
        ("((app == 'web'))", True),
    ],
)
def test_what_a_selector_holds_for(text, holds):
    assert parse_expression(text).holds(LABELS.get) is holds


@pytest.mark.parametrize(
    "text",
    [
        "app",
        "app =",
        "app = 'web'",
        "app == web",
        "app == 'web",
        "app == 'web' app == 'x'",
        "app == 'web' &&",
        "&& app == 'web'",
        "app == 'web' & has(x)",
        "(app == 'web'",
        "app == 'web')",
        "has(app",
        "has(a b)",
        "has()",
        "all ()",
        "in {'x'}",
        "app in 'x'",
        "app in {'x' 'y'}",
        "app in {,}",
        "app inx {'y'}",
        "!",
        "app\n== 'web'",
        "app == 'we\\'b'",
        "ä == 'x'",
        "app:x == 'y'",
        "(" * 5000,
    ],
)
def test_what_calico_refuses_is_refused(text):
    with pytest.raises(ValueError, match=r"expected|nested"):
        parse_expression(text)


KEYS = st.from_regex(r"[a-zA-Z0-9_./-]{1,20}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_characters="'\n", codec="utf-8"), max_size=10)
ATOMS = (
    st.just(Everything())
    | st.just(Global())
    | st.builds(Has, key=KEYS)
    | st.builds(Compared, key=KEYS, comparison=st.sampled_from(Comparison), text=TEXTS)
    | st.builds(OneOf, key=KEYS, texts=st.frozensets(TEXTS, max_size=3), negated=st.booleans())
)


def composed(inner):
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, inner=inner) | st.builds(Every, parts=parts) | st.builds(Some, parts=parts)


EXPRESSIONS = st.recursive(ATOMS, composed, max_leaves=12)


def written(expression):
    match expression:
        case Has(key=key):
            text = f"has({key})"
        case Compared(key=key, comparison=comparison, text=literal):
            text = f"{key} {comparison} '{literal}'"
        case OneOf(key=key, texts=texts, negated=negated):
            listed = ", ".join(f"'{one}'" for one in sorted(texts))
            text = f"{key} {'not in' if negated else 'in'} {{{listed}}}"
        case Not(inner=inner):
            text = f"!({written(inner)})"
        case Every(parts=parts):
            text = " && ".join(f"({written(part)})" for part in parts)
        case Some(parts=parts):
            text = " || ".join(f"({written(part)})" for part in parts)
        case _:
            text = "all()" if isinstance(expression, Everything) else "global()"
    return text


@given(EXPRESSIONS)
def test_what_is_written_is_read_back(expression):
    assert parse_expression(written(expression)) == expression


@given(EXPRESSIONS, st.dictionaries(KEYS, TEXTS, max_size=4))
def test_negation_turns_the_answer(expression, labels):
    assert parse_expression(f"!({written(expression)})").holds(labels.get) is not expression.holds(labels.get)


@given(EXPRESSIONS, st.dictionaries(KEYS, TEXTS, max_size=4))
def test_what_holds_meets_every_conjunct_and_depends_on_its_keys_only(expression, labels):
    answer = expression.holds(labels.get)
    assert answer is all(part.holds(labels.get) for part in conjuncts(expression))
    mentioned = set(keys_of(expression))
    assert answer is expression.holds({key: text for key, text in labels.items() if key in mentioned}.get)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_by_value_error(text):
    with suppress(ValueError):
        assert parse_expression(text).holds({}.get) in {True, False}


def test_global_is_found_wherever_it_stands():
    assert mentions_global(parse_expression("has(a) && !(global() || has(b))"))
    assert not mentions_global(parse_expression("has(global)"))
