from recommender.report.markdown_text import code, fenced


def test_code_cannot_be_ended_from_inside():
    assert code("a`b") == "``a`b``"
    assert code("``") == "``` `` ```"
    assert code("") == "` `"
    assert code("a\u202eb") == "`a\\u202eb`"
    assert code("</code><script>", html_around=True) == "<code>&lt;/code&gt;&lt;script&gt;</code>"


def test_a_fence_is_longer_than_any_inside():
    lines = list(fenced("```\nx\n````", "diff"))
    assert lines[0] == "`````diff"
    assert lines[-1] == "`````"
