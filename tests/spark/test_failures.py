import pytest

from recommender.spark.failures import _first_line, _hint


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[PATH_NOT_FOUND] no such path.\n\nstack", "[PATH_NOT_FOUND] no such path."),
        ("An error occurred while calling o83.text.\n: java.io.IOException: no\n\tat a.b", "java.io.IOException: no"),
        ("", "ValueError"),
    ],
)
def test_one_line_tells_what_failed(text, told):
    assert _first_line(ValueError(text)) == told


def test_a_place_that_is_not_there_is_not_a_lack_of_memory():
    assert "credentials" in _hint("java.lang.ClassNotFoundException: Class S3AFileSystem not found")
    assert "spark.executor.memory" in _hint("java.lang.OutOfMemoryError")
