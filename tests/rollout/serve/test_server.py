import pytest

from recommender.errors import UsageError
from recommender.rollout.serve.server import MOST_BYTES
from tests.rollout.serve.conftest import SENT, Client, serving

DIGEST = "0" * 32
NAMED = f"schema_version: 1\npolicies:\n  - policy: shop/web\n    digest: '{DIGEST}'\n    decision: approve\n".encode()


class TestPage:
    def test_is_the_report_that_may_save_to_its_own_address_only(self, client, directory):
        response, text = client.ask("GET", client.page)
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = response.headers["Content-Security-Policy"]
        assert "connect-src 'self'" in policy.split("; ")
        assert "frame-ancestors 'none'" in policy.split("; ")
        assert "default-src 'none'" in policy.split("; ")
        original = (directory / "report.html").read_text(encoding="utf-8")
        lines, served = original.splitlines(), text.splitlines()
        new = [line for line in served if line not in lines]
        assert [line[:40] for line in new] == [
            '<meta http-equiv="Content-Security-Polic',
            '<script type="application/octet-stream" ',
        ]
        assert len(served) == len(lines) + 1

    def test_nothing_is_kept_and_no_other_site_may_read(self, client):
        for response, _ in (client.ask("GET", client.page), client.save(b"["), client.ask("GET", "/")):
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert not [name for name in response.headers if name.lower().startswith("access-control-")]

    def test_two_reviews_have_different_tokens(self, directory):
        with serving(directory) as one, serving(directory) as other:
            assert one.token != other.token
            assert len(one.token) >= 40
            response, _ = Client(one).ask("GET", f"/{other.token}/")
            assert response.status == 404


class TestRefused:
    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/decisions.yaml",
            "/wrong/",
            "/{token}",
            "/{token}/?page",
            "/{token}/report.html",
            "/{token}/../report.html",
            "/{token}/../../../../etc/passwd",
            "/{token}/%2e%2e/report.html",
            "/{token}/..%2f..%2fdecisions.yaml",
            "/{token}/./",
            "/{token}/decisions.yaml/",
            "/{token}/\u00e9",
            "http://{host}/{token}/",
            "//evil.example/{token}/",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
    def test_any_other_path(self, client, directory, method, path):
        target = path.format(token=client.server.token, host=client.server.host)
        if not target.isascii():
            answer = client.raw(f"{method} {target} HTTP/1.0\r\nHost: {client.server.host}\r\n\r\n".encode())
            assert answer.startswith(b"HTTP/1.0 404 ")
            return
        response, text = client.save(path=target, method=method)
        assert (response.status, text) == (404, "nothing here\n")
        assert not (directory / "decisions.yaml").exists()

    @pytest.mark.parametrize("host", ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:1", "", None])
    def test_any_other_host(self, client, directory, host):
        host = host and host.format(port=client.server.server_port)
        response, text = client.ask("GET", client.page, Host=host)
        assert (response.status, text) == (421, "not served under this name\n")
        response, _ = client.save(Host=host)
        assert response.status == 421
        assert not (directory / "decisions.yaml").exists()

    def test_two_hosts(self, client):
        host = client.server.host
        answer = client.raw(f"GET {client.page} HTTP/1.0\r\nHost: {host}\r\nHost: evil.example\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.0 421 ")

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:80"])
    def test_another_sites_script(self, client, directory, origin):
        response, _ = client.save(Origin=origin)
        assert response.status == 403
        assert not (directory / "decisions.yaml").exists()

    @pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "DELETE", "PATCH", "TRACE", "CONNECT", "<b>"])
    def test_any_other_method(self, client, method):
        answer = client.raw(f"{method} {client.file} HTTP/1.0\r\nHost: {client.server.host}\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.0 501 ")
        assert answer.endswith(b"refused\n")

    def test_methods_at_the_wrong_address(self, client):
        response, _ = client.ask("GET", client.file)
        assert (response.status, response.headers["Allow"]) == (405, "PUT, POST")
        response, _ = client.save(path=client.page)
        assert (response.status, response.headers["Allow"]) == (405, "GET")

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Content_Type": "text/plain"}, 415),
            ({"Content_Type": None}, 415),
            ({"If_Match": None}, 428),
            ({"If_Match": "*"}, 428),
            ({"Content_Length": None}, 411),
            ({"Content_Length": "-1"}, 411),
            ({"Content_Length": "1_8"}, 411),
            ({"Transfer_Encoding": "chunked"}, 411),
            ({"Content_Length": str(MOST_BYTES + 1)}, 413),
            ({"Content_Length": "9" * 19}, 413),
        ],
    )
    def test_bodies_of_another_kind_or_length(self, client, directory, headers, status):
        response, _ = client.save(**headers)
        assert response.status == status
        assert not (directory / "decisions.yaml").exists()

    def test_a_body_that_breaks_off(self, client, directory):
        head = (
            f"PUT {client.file} HTTP/1.0\r\nHost: {client.server.host}\r\nContent-Type: application/yaml\r\n"
            'If-Match: ""\r\nContent-Length: 500\r\n\r\n'
        )
        assert client.raw(head.encode() + SENT).startswith(b"HTTP/1.0 400 ")
        assert not (directory / "decisions.yaml").exists()

    @pytest.mark.parametrize("data", [b"", b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET /" + b"a" * 70_000 + b"\r\n"])
    def test_what_is_no_http_leaves_it_serving(self, client, data):
        client.raw(data)
        response, _ = client.ask("GET", client.page)
        assert response.status == 200


class TestSaving:
    @pytest.mark.parametrize("method", ["PUT", "POST"])
    def test_the_file_holds_what_was_sent(self, client, directory, method):
        response, text = client.save(NAMED, method=method, Origin=f"http://{client.server.host}")
        assert (response.status, text) == (200, "1 decision saved to decisions.yaml")
        assert (directory / "decisions.yaml").read_bytes() == NAMED
        assert sorted(entry.name for entry in directory.iterdir()) == ["decisions.yaml", "report.html"]

    def test_saving_goes_on_from_what_was_saved(self, client, directory):
        response, _ = client.save(NAMED)
        again, _ = client.save(SENT, If_Match=response.headers["ETag"])
        assert again.status == 200
        assert (directory / "decisions.yaml").read_bytes() == SENT

    @pytest.mark.parametrize("now", [SENT, b"schema_version: [", None])
    def test_what_others_changed_meanwhile_is_not_overwritten(self, client, directory, now):
        file = directory / "decisions.yaml"
        response, _ = client.save(NAMED)
        if now is None:
            file.unlink()
        else:
            file.write_bytes(now)
        refused, text = client.save(NAMED + b"# more\n", If_Match=response.headers["ETag"])
        assert refused.status == 412
        assert "changed since this page was loaded" in text
        assert (file.read_bytes() if file.exists() else None) == now

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (b"", "is empty"),
            (b"\xff\xfe", "is no YAML"),
            (b"schema_version: [", "is no YAML"),
            (b"schema_version: 2\n", "the only form that is known"),
            (b"schema_version: 1\nsudo: yes\n", "unknown field `sudo`"),
            (b"schema_version: 1\nnote: &a [x]\npolicies: *a\n", "is no YAML"),
            (b"[" * 5000, "nested too deeply"),
            (b"!!python/object/apply:os.system ['true']", "must be a mapping"),
            (NAMED.replace(b"approve", b"aprove"), "did you mean `approve`?"),
            (NAMED.replace(DIGEST.encode(), b"../../x"), "decisions.yaml:4: the digest is missing or none"),
        ],
    )
    def test_what_the_next_run_would_not_read_is_refused_with_its_reason(self, client, directory, body, said):
        before = b"schema_version: 1\n# by hand\n"
        (directory / "decisions.yaml").write_bytes(before)
        response, text = client.save(body)
        assert response.status == 422
        assert said in text
        assert (directory / "decisions.yaml").read_bytes() == before

    def test_links_and_permissions_stay(self, directory, tmp_path):
        real = tmp_path / "kept.yaml"
        real.write_bytes(SENT)
        real.chmod(0o640)
        link = directory / "decisions.yaml"
        link.symlink_to(real)
        with serving(directory) as server:
            first, _ = Client(server).save(NAMED)
            assert first.status == 412
            _, page = Client(server).ask("GET", Client(server).page)
            assert "served-decisions" in page
            seen = server.session.decisions.read().digest
            assert Client(server).save(NAMED, If_Match=f'"{seen}"')[0].status == 200
        assert link.is_symlink()
        assert real.read_bytes() == NAMED
        assert real.stat().st_mode & 0o777 == 0o640


class TestStart:
    def test_a_directory_without_a_report_is_refused(self, tmp_path):
        with pytest.raises(UsageError, match=r"report\.html: cannot be read"), serving(tmp_path):
            pass

    def test_a_page_that_is_not_ours_is_refused(self, tmp_path):
        (tmp_path / "report.html").write_text("<!doctype html><p>connect-src 'none'</p>")
        with pytest.raises(UsageError, match="no page that can save decisions"), serving(tmp_path):
            pass

    def test_decisions_that_cannot_be_read_are_refused_before_anybody_decides(self, directory):
        (directory / "decisions.yaml").write_text("schema_version: [")
        with pytest.raises(UsageError, match="is no YAML"), serving(directory):
            pass

    def test_a_place_that_is_not_there_is_refused(self, directory, tmp_path):
        with pytest.raises(UsageError, match="cannot be saved there"), serving(directory, tmp_path / "no" / "d.yaml"):
            pass

    def test_a_report_that_breaks_later_is_told(self, client, directory):
        (directory / "report.html").unlink()
        response, text = client.ask("GET", client.page)
        assert response.status == 409
        assert "cannot be read" in text
