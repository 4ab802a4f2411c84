from recommender.report.rule_lines import rule_lines

_TEXT = """\
spec:
  ingress:
    # from shop/web-2 on TCP/80
    # connections 3
    - fromEndpoints: []
    # from shop/web on TCP/8080
    - fromEndpoints: []
      toPorts: []
    # from shop/web on TCP/80
    - fromEndpoints: []
    # from shop/web on TCP/80
    - fromEndpoints: []
  egress:
    # to entity world on TCP/443
    - toEntities: []
"""


def _rule(direction, text, port, kind="group"):
    return {"direction": direction, "peer": {"kind": kind, "text": text}, "ports": [{"text": port}]}


def test_each_rule_has_the_lines_of_the_first_block_about_its_peer_and_ports():
    rules = [
        _rule("ingress", "shop/web", "TCP 80"),
        _rule("ingress", "shop/web", "TCP 8080"),
        _rule("ingress", "shop/web-2", "TCP 80"),
        _rule("egress", "world", "TCP 443", kind="entity"),
    ]
    assert rule_lines(rules, _TEXT) == [[9, 10], [6, 8], [3, 5], [14, 15]]


def test_a_rule_that_stands_elsewhere_has_no_lines():
    rules = [_rule("egress", "shop/web", "TCP 80"), _rule("ingress", "shop/web", "TCP 81")]
    assert rule_lines(rules, _TEXT) == [None, None]
