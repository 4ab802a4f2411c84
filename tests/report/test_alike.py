from recommender.report.alike import Alike


def test_equal_values_look_the_same_and_are_one_object():
    alike = Alike()
    first = alike.once(("b", "a"), sorted)
    assert first == ["a", "b"]
    assert alike.once(("b", "a"), sorted) is first
    assert alike.once(("b", "a"), list) == ["b", "a"]
    assert alike.once((), sorted) is alike.once((), sorted)
