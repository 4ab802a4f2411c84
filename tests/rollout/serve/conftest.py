"""A review of the sample report, served on the loopback for one test."""

from __future__ import annotations

import http.client
import socket
from contextlib import contextmanager
from threading import Thread

import pytest

from recommender.report.files import write_report
from recommender.rollout.serve.decisions_file import DecisionsFile
from recommender.rollout.serve.server import ReviewServer
from recommender.rollout.serve.session import Session
from tests.report.sample import sample_recommendation

SENT = b"schema_version: 1\n"


@contextmanager
def serving(directory, decisions=None):
    """A server in a thread of its own, which ends with the block."""
    file = DecisionsFile(path=decisions or directory / "decisions.yaml")
    session = Session(directory=directory, decisions=file)
    session.check()
    server = ReviewServer(session)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.finish()


class Client:
    """Sends what no browser would."""

    def __init__(self, server: ReviewServer) -> None:
        self.server = server
        self.page = f"/{server.token}/"
        self.file = f"/{server.token}/decisions.yaml"

    def ask(self, method, path, body=None, **headers):
        """The response and its text; `headers` with underscores, None leaves one out."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        try:
            wanted = {"Host": self.server.host} | {name.replace("_", "-"): value for name, value in headers.items()}
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            if body is not None and "Content-Length" not in wanted:
                wanted["Content-Length"] = str(len(body))
            for name, value in wanted.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return response, response.read().decode()
        finally:
            connection.close()

    def save(self, body=SENT, *, path=None, method="PUT", **headers):
        """A request as the page sends it, but for what is given."""
        usual = {"Content_Type": "application/yaml", "If_Match": '""'}
        return self.ask(method, path or self.file, body, **(usual | headers))

    def raw(self, data):
        """Whatever bytes; the whole answer."""
        with socket.create_connection(("127.0.0.1", self.server.server_port), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    directory = tmp_path_factory.mktemp("served") / "report"
    write_report(sample_recommendation(), directory)
    return directory


@pytest.fixture
def directory(written, tmp_path):
    copy = tmp_path / "report"
    copy.mkdir()
    (copy / "report.html").write_bytes((written / "report.html").read_bytes())
    return copy


@pytest.fixture
def client(directory):
    with serving(directory) as server:
        yield Client(server)
