import duckdb
import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.edges.path_shapes import sayable, shape
from recommender.model.http_path import MARK, PathTemplate


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


def template(connection, path):
    (found,) = connection.execute(f"SELECT {shape('p')} FROM (SELECT ? AS p)", [path]).fetchone()
    return PathTemplate(shape=found)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "/"),
        ("/orders", "/orders"),
        ("/orders/42", "/orders/{integer}"),
        ("/orders/42/items/7", "/orders/{integer}/items/{integer}"),
        ("/u/550e8400-e29b-41d4-a716-446655440000", "/u/{uuid}"),
        ("/u/550E8400-E29B-41D4-A716-446655440000.json", "/u/{uuid}.json"),
        ("/u/ord_550e8400-e29b-41d4-a716-446655440000", "/u/ord_{uuid}"),
        ("/blobs/9f86d081884c7d659a2feaa0c55ad015", "/blobs/{hex}"),
        ("/commit/1a2b3c4", "/commit/{hex}"),
        ("/assets/main.3f2a1b9c.js", "/assets/main.{hex}.js"),
        ("/days/2025-11-03", "/days/{date}"),
        ("/days/2025-11-03T14:05:00Z", "/days/{time}"),
        ("/report-2025-11-03.pdf", "/report-{date}.pdf"),
        ("/users/ann@example.com", "/users/{email}"),
        ("/users/ann%40example.com", "/users/{email}"),
        ("/t/V1StGXR8_Z5jdHi6B-myT", "/t/{token}"),
        ("/k/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/k/{token}"),
        ("/c/507f1f77bcf86cd799439011", "/c/{hex}"),
        ("/s/4f90d13a42bc7e91", "/s/{hex}"),
        ("/inv-2025-00123", "/inv-{integer}-{integer}"),
        ("/hello%20world/20", "/hello%20world/{integer}"),
        # Names of interfaces and words are none of these.
        ("/api/v1/users", "/api/v1/users"),
        ("/v2.1/x", "/v2.1/x"),
        ("/oauth2/token", "/oauth2/token"),
        ("/facade/decade", "/facade/decade"),
        ("/payments.v1.Payments/Authorize", "/payments.v1.Payments/Authorize"),
        ("/acme.billing.v1beta2.AccountService/ListAccounts", "/acme.billing.v1beta2.AccountService/ListAccounts"),
        ("/PaymentsAuthorizationServiceV2/Call", "/PaymentsAuthorizationServiceV2/Call"),
        ("/ten-ways-to-cook-rice", "/ten-ways-to-cook-rice"),
        ("/.well-known/openid-configuration", "/.well-known/openid-configuration"),
    ],
)
def test_identifiers_are_folded_and_names_are_not(connection, path, text):
    assert template(connection, path).text == text


PIECES = st.sampled_from(
    [
        "orders",
        "v1",
        "v2.1",
        "a.b",
        "x-y_z",
        "42",
        "0",
        "007",
        "2025-11-03",
        "2025-11-03T10:00:00Z",
        "a@b.example",
        "550e8400-e29b-41d4-a716-446655440000",
        "deadbeef1",
        "V1StGXR8_Z5jdHi6B-myT",
        "%20",
        "%2F",
        "q(1)",
        "[x]",
        "a|b",
        "$",
        "^",
        "*",
        "+",
        "{3}",
        "~",
        "!",
        "@",
        "4f90d13a42bc7e91",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        ".",
        "-",
        "x.json",
    ]
)
TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\\"), max_size=24)
PATHS = st.lists(st.one_of(TEXT, st.lists(PIECES, max_size=4).map("".join)), min_size=1, max_size=5).map(
    lambda segments: "/" + "/".join(segments)
)


@settings(max_examples=300, deadline=None)
@given(path=PATHS)
def test_every_path_matches_the_expression_of_its_shape_in_both_engines(connection, path):
    found = template(connection, path)
    assert re2.fullmatch(found.pattern, path)
    assert connection.execute("SELECT regexp_full_match(?, ?)", [path, found.pattern]).fetchone() == (True,)


@settings(max_examples=200, deadline=None)
@given(path=PATHS, other=PATHS)
def test_a_literal_path_matches_itself_only(path, other):
    literal = PathTemplate(shape=path)
    assert re2.fullmatch(literal.pattern, path)
    assert bool(re2.fullmatch(literal.pattern, other)) is (path == other)


@settings(max_examples=200, deadline=None)
@given(path=st.text(max_size=40))
def test_what_is_sayable_holds_nothing_that_could_pass_for_a_mark(connection, path):
    (fits,) = connection.execute(f"SELECT {sayable('m', 'p')} FROM (SELECT 'GET' AS m, ? AS p)", [path]).fetchone()
    if fits:
        assert path.startswith("/")
        assert path.isascii()
        assert path.isprintable()
        assert MARK not in path
        assert not {".", "..", "%2e", "%2E%2e"} & set(path.split("/"))
