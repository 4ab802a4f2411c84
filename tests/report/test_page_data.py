from hypothesis import given
from hypothesis import strategies as st

from recommender.report.page_data import columns, page_data
from tests.report.page_text import rows_of

VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=3))


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": st.fixed_dictionaries({"c": VALUES, "d": VALUES})})))
def test_columns_hold_the_same_rows(rows):
    assert rows_of(columns(rows)) == rows


@given(st.lists(st.one_of(VALUES, st.dictionaries(st.sampled_from("ab"), VALUES)), max_size=5))
def test_rows_of_different_forms_stay_rows(rows):
    assert rows_of(columns(rows)) == rows


def test_the_script_reads_the_view_but_for_what_the_page_holds_anyway(view):
    found = page_data(view)["view"]
    found |= {key: rows_of(found[key]) for key in ("edges", "policies", "quarantine")}
    assert found["edges"] == view["edges"]
    assert found["gaps"] == view["gaps"]
    assert [set(one) - set(two) for one, two in zip(found["policies"], view["policies"], strict=True)] == [
        {"lines"}
    ] * 11
    assert all("text" not in manifest for policy in found["policies"] for manifest in policy["manifests"])
