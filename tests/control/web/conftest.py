"""A web server beside the OSC server of the tests, and clients to talk to it."""

import contextlib
import http.client
import importlib.util
import json
import sys
import time
from pathlib import Path

import pytest
from websockets.sync.client import connect

from manned.control.web.facts import Facts
from manned.control.web.guard import Guard
from manned.control.web.pages import Pages
from manned.control.web.server import HostInfo, WebServer
from manned.control.web.workshop.bounds import Bounds
from manned.control.web.workshop.workshop import TOPICS, Workshop
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

SLEEPS_S = 60
"""How long the encoding of the tests takes, unless it is cancelled."""

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


class Bench(Web):
    """A server with a workshop whose bounds are small, and a page that is connected with it."""

    def __init__(self, osc, folder):
        self.folder = folder
        self.workshop = None
        super().__init__(osc, None)
        self.start()

    def start(self):
        """Bring server and workshop up, as a start of the program does."""
        self.osc.do(self._start())

    async def _start(self):
        bounds = Bounds(file_bytes=100_000, gesture_bytes=50_000, all_bytes=150_000, files=3, spare_bytes=0, visitors=2)
        self.workshop = Workshop(
            self.folder / "state",
            self.folder / "takes",
            [self.folder / "models"],
            lambda: ["taken"],
            lambda: ["-c", f"import time; print('heard'); time.sleep({SLEEPS_S})"],
            bounds=bounds,
        )
        await self.workshop.start()
        self.server = WebServer(self.osc.server.receiver, "127.0.0.1", 0, HostInfo(), Guard(), workshop=self.workshop)
        await self.server.start()

    def stop(self):
        """End both."""
        self.osc.do(self.server.stop())
        self.osc.do(self.workshop.stop())

    def restarted(self):
        """The bench itself, after another start."""
        self.stop()
        self.start()
        return self

    def visit(self, **options):
        return Visit(f"ws://127.0.0.1:{self.port}/panel/workshop", **options)


class Visit:
    """A page's talk with the workshop."""

    def __init__(self, address, **options):
        self._open = contextlib.ExitStack()
        self.connection = self._open.enter_context(connect(address, proxy=None, **options))
        self.news = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._open.close()

    def ask(self, **wish):
        """Its answer to a wish, news aside: the one key and the one value."""
        self.connection.send(json.dumps(wish))
        return self.answer()

    def answer(self):
        while True:
            told = json.loads(self.connection.recv(20))
            ((name, value),) = told.items()
            if name in TOPICS:
                self.news[name] = value
            else:
                return name, value

    def upload(self, name, content, into="teaching", size=None, **more):
        said = self.ask(do="upload", into=into, name=name, bytes=len(content) if size is None else size, **more)
        if said[0] != "ready":
            return said
        for first in range(0, len(content), 30_000):
            self.connection.send(content[first : first + 30_000])
        return self.answer()

    def hear(self, topic, condition, seconds=60):
        """News of a topic that fulfil a condition."""
        deadline = time.monotonic() + seconds
        while topic not in self.news or not condition(self.news[topic]):
            ((name, value),) = json.loads(self.connection.recv(max(0.01, deadline - time.monotonic()))).items()
            self.news[name] = value
        return self.news[topic]


@pytest.fixture
def bench(osc, tmp_path):
    """The workshop of a folder ``state``, with takes in ``takes``."""
    bench = Bench(osc, tmp_path)
    yield bench
    bench.stop()
