"""A web server beside the OSC server of the tests, and clients to talk to it."""

import http.client
import importlib.util
import json
import sys
from pathlib import Path

import pytest
from websockets.sync.client import connect

from manned.control.web.facts import Facts
from manned.control.web.guard import Guard
from manned.control.web.pages import Pages
from manned.control.web.server import HostInfo, WebServer
from manned.state.preset_folder import PresetFolder

sys.path.append(str(Path(__file__).parents[1] / "osc"))  # for what its tests are made of
_SPEC = importlib.util.spec_from_file_location("osc_conftest", Path(__file__).parents[1] / "osc" / "conftest.py")
_OSC = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_OSC)
models, osc, new_client, client, server_options = (
    _OSC.models,
    _OSC.osc,
    _OSC.new_client,
    _OSC.client,
    _OSC.server_options,
)

FRIEND = "http://friend.example:8080"


class Web:
    """The server, and how it is asked."""

    def __init__(self, osc, server, pages=None):
        self.osc = osc
        self.server = server
        self.pages = pages

    @property
    def port(self):
        return self.server.port

    def get(self, path, method="GET", **headers):
        """Status, headers and body of a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    def tree(self, path):
        status, _, body = self.get(path)
        assert status == 200, body
        return json.loads(body)

    def connect(self, **options):
        return connect(f"ws://127.0.0.1:{self.port}/", proxy=None, **options)


@pytest.fixture
def web(osc, tmp_path):
    pages = tmp_path / "pages"
    (pages / "parts").mkdir(parents=True)
    (pages / "index.html").write_text("<!doctype html><script src=parts/a.js></script>")
    (pages / "parts" / "a.js").write_text("1")
    (pages / "secret.txt").write_text("no")
    pages = Pages(pages)
    server = WebServer(
        osc.server.receiver, "127.0.0.1", 0, HostInfo("127.0.0.1", osc.port), Guard(["tablet.home"], [FRIEND]), pages
    )
    osc.do(server.start())
    yield Web(osc, server, pages)
    osc.do(server.stop())


@pytest.fixture
def facts(osc, tmp_path):
    """A server that answers the page, with the folder ``presets``."""
    server = WebServer(
        osc.server.receiver,
        "127.0.0.1",
        0,
        HostInfo(),
        Guard(),
        facts=Facts(osc.instrument, PresetFolder(tmp_path / "presets")),
    )
    osc.do(server.start())
    yield Web(osc, server)
    osc.do(server.stop())
