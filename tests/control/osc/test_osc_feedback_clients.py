"""Feedback to other people's programs: liblo's oscdump, python-osc, Pure Data, Node's osc."""

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from free_port import free_port
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import ThreadingOSCUDPServer
from pythonosc.udp_client import SimpleUDPClient

NODE_MODULES = Path(os.environ.get("MANNED_NODE_MODULES", Path(__file__).parents[3] / ".venv" / "node_modules"))

PD_PATCH = """#N canvas 0 0 450 300 12;
#X obj 10 10 loadbang;
#X msg 10 40 1;
#X obj 10 70 oscformat notify;
#X obj 10 100 list prepend send;
#X obj 10 130 list trim;
#X obj 10 190 netsend -u -b;
#X obj 10 220 oscparse;
#X obj 10 250 print heard;
#X msg 200 40 connect 127.0.0.1 {port};
#X obj 200 10 t b b;
#X connect 0 0 9 0;
#X connect 9 1 8 0;
#X connect 8 0 5 0;
#X connect 9 0 1 0;
#X connect 1 0 2 0;
#X connect 2 0 3 0;
#X connect 3 0 4 0;
#X connect 4 0 5 0;
#X connect 5 1 6 0;
#X connect 6 0 7 0;
"""

NODE_CLIENT = """
const osc = require("osc");
const port = new osc.UDPPort({ localAddress: "127.0.0.1", localPort: 0, remoteAddress: "127.0.0.1",
                               remotePort: Number(process.argv[2]), metadata: false });
port.on("ready", () => port.send({ address: "/notify", args: [{ type: "i", value: 1 }] }));
port.on("message", (message) => console.log(JSON.stringify([message.address, message.args])));
port.on("bundle", (bundle) => console.log(JSON.stringify(["bundle", bundle.packets.map((one) => one.address)])));
port.open();
"""


def until_subscribed(osc, count=1):
    osc.wait_until(lambda: osc.server.counts()["osc_subscribers"] == count)


@pytest.mark.skipif(shutil.which("oscdump") is None, reason="liblo-tools is not installed")
def test_oscdump_shows_what_is_set(osc, client):
    port = free_port()
    with subprocess.Popen(["oscdump", "-L", str(port)], stdout=subprocess.PIPE, text=True) as dump:
        assert client.ask("/listeners/add", f"127.0.0.1:{port}")[0] == "/done"
        line = ""
        for attempt in range(100):  # it may not listen yet
            osc.call(lambda attempt=attempt: osc.instrument.set("env/attack", 0.25 + attempt))
            osc.call(lambda: osc.instrument.set("env/decay", 0.25))
            threading.Event().wait(0.05)
            if attempt == 20:
                dump.terminate()
                break
        line = dump.stdout.read()
    assert "/env/decay f 0.250000" in line


def test_python_osc_hears_on_a_port_of_its_own(osc, client):
    heard = []
    came = threading.Event()
    dispatcher = Dispatcher()
    dispatcher.set_default_handler(lambda *message: (heard.append(message), came.set()))
    server = ThreadingOSCUDPServer(("127.0.0.1", 0), dispatcher)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        sender = SimpleUDPClient("127.0.0.1", osc.port)
        sender.send_message("/listeners/add", ":".join(map(str, server.server_address)))
        until_subscribed(osc)
        sender.send_message("/env/decay", 0.5)
        client.answers()
        client.send("/env/attack", 0.25)
        assert came.wait(5)
        assert heard == [("/env/attack", 0.25)]
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.skipif(shutil.which("pd") is None, reason="puredata-core is not installed")
def test_pure_data_hears_where_it_sends_from(osc, client, tmp_path):
    patch = tmp_path / "hear.pd"
    patch.write_text(PD_PATCH.format(port=osc.port))
    words = ["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", str(patch)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as pd:
        until_subscribed(osc)
        client.answers()
        client.send("/env/attack", 0.25)
        for line in pd.stderr:
            if line.startswith("heard"):
                break
        pd.terminate()
    assert line == "heard: list env attack 0.25\n"


@pytest.fixture
def node():
    """Runs a program of Node's with its package ``osc``."""
    if shutil.which("node") is None or not (NODE_MODULES / "osc").is_dir():
        pytest.skip(f"Node's package osc is not in {NODE_MODULES}: npm install --prefix .venv osc oscquery")
    processes = []

    def run(program, *arguments):
        environment = {**os.environ, "NODE_PATH": str(NODE_MODULES)}
        process = subprocess.Popen(
            ["node", "-e", program, "-", *map(str, arguments)], stdout=subprocess.PIPE, text=True, env=environment
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def test_nodes_osc_hears_messages_and_bundles(osc, client, node):
    listening = node(NODE_CLIENT, osc.port)
    until_subscribed(osc)
    client.send("/env/attack", 0.25)
    assert json.loads(listening.stdout.readline()) == ["/env/attack", [0.25]]
    client.send("/env/{attack,decay}", 0.5)
    assert json.loads(listening.stdout.readline()) == ["bundle", ["/env/attack", "/env/decay"]]
