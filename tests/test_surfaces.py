"""The ready surfaces in `examples/`: what they send is understood, and they show what is set.

Pure Data and sclang run here. TouchOSC, Open Stage Control and Max do not: their files are read and what they send
is sent.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from free_port import free_port
from running import RunningManned
from surface_files import MaxPatch, StageControlSession, TouchOscLayout

from manned.control.osc.packet import messages_of, read_packet, write_message
from manned.table.commands import ROWS

EXAMPLES = Path(__file__).parents[1] / "examples"
READERS = {
    "touchosc/manned.tosc": TouchOscLayout,
    "open-stage-control/manned.json": StageControlSession,
    "max/manned-client.maxpat": MaxPatch,
}
SHOWN = {"/gate", "/chroma", "/octave", "/xy", "/meter"}
SHOWN |= {f"/latent/{number}" for number in range(1, 17)} | {f"/macro/{number}" for number in range(1, 9)}
SENT = (SHOWN | {"/preset/next", "/preset/prev", "/preset/load", "/dump"}) - {"/meter"}
SECONDS = 20.0


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A running instrument with the decoder and the presets that come with the program."""
    with RunningManned(tmp_path_factory.mktemp("shipped"), "--set", "model.name=atlas") as running:
        yield running


@pytest.fixture
def small(tmp_path):
    with RunningManned(tmp_path) as running:
        yield running


@pytest.fixture(params=READERS)
def surface(request):
    return READERS[request.param](EXAMPLES / request.param)


def answers(port, messages):
    """Send messages from one port; all that comes back until they are done."""
    slow = sum(message[0].strip("/") in ROWS and ROWS[message[0].strip("/")].slow for message in messages)
    heard = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(SECONDS)
        udp.connect(("127.0.0.1", port))
        for message in messages:
            udp.send(write_message(*message))
            udp.send(write_message("/sync", 1))
            while not heard or heard[-1].address != "/synced":
                heard += messages_of(read_packet(udp.recv(65536)))
            heard.pop()
        while sum(message.address in ("/done", "/fail") for message in heard) < slow:
            heard += messages_of(read_packet(udp.recv(65536)))
    return heard


def test_the_surfaces_are_what_their_script_writes(tmp_path):
    subprocess.run([sys.executable, EXAMPLES / "surfaces", tmp_path], check=True)
    written = [path.relative_to(tmp_path) for path in tmp_path.rglob("*.*")]
    assert len(written) == 6
    for name in written:
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes(), name


def test_a_surface_has_all_that_it_should(surface):
    assert {message[0] for message in surface.sent} >= SENT
    assert surface.shown >= SHOWN
    asked = {"/notify": 1, "/listeners/add": "127.0.0.1:57141"}
    assert any((address, argument) in surface.sent for address, argument in asked.items())
    assert any(message[0] == "/meter" for message in surface.sent)


def test_every_message_of_a_surface_is_understood(surface, shipped):
    heard = answers(shipped.port, surface.sent)
    wrong = [message for message in heard if message.address in ("/error", "/fail")]
    assert not wrong
    answers(shipped.port, [("/notify", 0), ("/meter", 0), ("/gate", 0), ("/listeners/del", "127.0.0.1:57141")])


def test_a_told_value_moves_the_control_of_max_and_sends_nothing():
    patch = MaxPatch(EXAMPLES / "max" / "manned-client.maxpat")
    for address in SHOWN - {"/meter", "/xy"}:
        moved, sent = patch.tell(address, 0.25)
        assert list(moved.values()) == [0.25] and not sent, address
    moved, sent = patch.tell("/xy", 0.0, 1.0)
    assert list(moved.values()) == [127.0, 0.0] and not sent
    moved, sent = patch.tell("/meter", 0.5, 0.25, 0.1, 0.1, 3, 0.01)
    assert sorted(moved.values()) == [0.25, 0.5] and not sent


def test_the_script_of_touchosc_moves_controls_that_are_there():
    layout = TouchOscLayout(EXAMPLES / "touchosc" / "manned.tosc")
    names = {one.findtext("value") for node in layout.nodes for one in node.findall("properties/property")}
    assert layout.told_by_script and set(layout.told_by_script) <= names


def test_the_levels_of_open_stage_control_are_faders_that_are_there():
    session = StageControlSession(EXAMPLES / "open-stage-control" / "manned.json")
    (levels,) = (widget for widget in session.widgets if widget.get("address") == "/meter")
    for name in ("meter left", "meter right"):
        assert f"set('{name}'" in levels["onValue"] and name in [widget["id"] for widget in session.widgets]
    assert session.root["target"] == "127.0.0.1:57130"


def test_the_abstraction_of_pd_sends_and_shows_what_is_set(small, tmp_path):
    # $0 of the abstraction is a number that Pd counts from 1001 on.
    probes = [f"#X obj 10 {40 * place} r {1001 + place}-{name};\n#X obj 200 {40 * place} print {name};\n"
              for name in ("latent-2", "chroma") for place in range(12)]  # fmt: skip
    cords = [f"#X connect {3 + 2 * place} 0 {4 + 2 * place} 0;\n" for place in range(len(probes))]
    looks = [f"#X obj 10 {40 * place} r show;\n#X obj 200 {40 * place} s {1001 + place}-{name}-told;\n"
             for name in ("latent-2", "chroma") for place in range(12)]  # fmt: skip
    first = 3 + 2 * len(probes)
    cords += [f"#X connect {first + 2 * place} 0 {first + 2 * place + 1} 0;\n" for place in range(len(looks))]
    patch = tmp_path / "test.pd"
    patch.write_text(
        f"#N canvas 0 0 400 300 12;\n#X obj 10 10 manned-client 127.0.0.1 {small.port};\n#X obj 10 40 print told;\n"
        "#X obj 200 10 r say;\n#X connect 2 0 0 0;\n#X connect 0 0 1 0;\n" + "".join([*probes, *looks, *cords])
    )
    log = tmp_path / "pd.log"
    with open(log, "w") as stderr, RunningPd(patch, stderr, small) as pd:
        pd.say("/gate 1")
        pd.say("/xy 0.125 0.5")
        wait_until(lambda: small.ask("/gate") == "1" and small.ask("/latents") == "0.125 0.5")
        small.send("/latent/2", 0.75)
        small.send("/chroma", "A")
        wait_until(lambda: "told: latent 2 0.75" in log.read_text() and "told: chroma 9" in log.read_text())
        assert "latent-2: 0.75" not in log.read_text(), "what was told was sent again"
        pd.say("bang", "show")
        wait_until(lambda: "latent-2: 0.75" in log.read_text() and "chroma: 9" in log.read_text())
        wait_until(lambda: "told: meter 0." in log.read_text())
        pd.say("/status")
        wait_until(lambda: "told: status.reply" in log.read_text())
        assert "told: error" not in log.read_text()
        assert "no such object" not in log.read_text() and "couldn't create" not in log.read_text()


class RunningPd:
    """Pd without a window, with a patch, and a way to say something to it."""

    def __init__(self, patch, stderr, running):
        self.port = free_port()
        ear = patch.parent / "ear.pd"
        ear.write_text(
            f"#N canvas 0 0 400 300 12;\n#X obj 10 10 netreceive {self.port};\n#X obj 10 40 route say show;\n"
            "#X obj 10 70 s say;\n#X obj 99 70 s show;\n#X connect 0 0 1 0;\n#X connect 1 0 2 0;\n#X connect 1 1 3 0;\n"
        )
        pd = ["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", "-path", EXAMPLES / "pd", ear, patch]
        self.process = subprocess.Popen(pd, stderr=stderr)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def say(self, text, to="say"):
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as tcp:
                    tcp.sendall(f"{to} {text};\n".encode())
                return
            except ConnectionRefusedError:
                assert time.monotonic() < deadline and self.process.poll() is None, "Pd does not listen"
                time.sleep(0.05)


def wait_until(told):
    deadline = time.monotonic() + SECONDS
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_help_of_pd_opens_and_plays(small, tmp_path):
    text = (EXAMPLES / "pd" / "manned-client-help.pd").read_text()
    patch = tmp_path / "help.pd"
    patch.write_text(text.replace("57130", str(small.port)))
    log = tmp_path / "pd.log"
    with open(log, "w") as stderr, RunningPd(patch, stderr, small):
        wait_until(lambda: "manned: gate 0" in log.read_text())
    assert "couldn't create" not in log.read_text()


HELP = EXAMPLES / "supercollider" / "HelpSource" / "Classes" / "Manned.schelp"
needs_sclang = pytest.mark.skipif(shutil.which("sclang") is None, reason="sclang is not installed")
SCLANG = """
{{
    m = Manned("127.0.0.1", {port});
    m.action = {{ |manned, address ... numbers| ("told" + address + numbers).postln }};
    m.answerAction = {{ |manned, message| ("answer" + message).postln }};
    m.open;
    1.wait;
    m.chroma("A"); m.gate(true); m.octave(3); m.xy(0.25, 0.5); m.macro(1, 0.5); m.send('/nothing');
    1.wait;
    ("known" + m.get('/chroma') + m.get('/gate') + m.get('/xy') + (m.meter[0] > 0)).postln;
    m.gui;
    1.wait;
    "open".postln;
    1.wait;
    m.close;
    ("methods" + (Manned.class.methods ++ Manned.methods).collect(_.name).asArray.join(" ")).postln;
    ("help" + SCDoc.parseFileFull("{help}").notNil).postln;
    "ready".postln;
    0.exit;
}}.fork(AppClock);
"""


@pytest.fixture
def sclang(tmp_path):
    """Run a text in sclang without a screen; what it posts."""
    config, program = tmp_path / "sclang.yaml", tmp_path / "test.scd"
    classes = EXAMPLES / "supercollider" / "Classes"
    config.write_text(f"includePaths:\n  - {classes}\nexcludePaths: []\npostInlineWarnings: false\n")
    alone = {name: str(tmp_path) for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    environment = {**os.environ, **alone, "QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}

    def run(text):
        program.write_text(text)
        done = subprocess.run(
            ["sclang", "-l", config, program], capture_output=True, text=True, timeout=60, env=environment
        )
        assert "ready\n" in done.stdout, done.stdout[-2000:]
        return done.stdout

    return run


@needs_sclang
def test_the_class_of_supercollider_plays_and_knows_what_is_set(small, sclang):
    told = sclang(SCLANG.format(port=small.port, help=HELP))
    assert "known 9 1 [ 0.25, 0.5 ] true" in told
    assert "told /gain [ 0.69" in told
    assert "answer [ /error, /nothing" in told
    assert "ERROR" not in told
    assert "help true" in told
    methods = next(line.split()[1:] for line in told.splitlines() if line.startswith("methods "))
    text = HELP.read_text()
    explained = re.findall(r"^METHOD:: (\w+)$", text, re.MULTILINE) + re.search("PRIVATE:: (.*)", text)[1].split(", ")
    assert set(methods) - {f"{name}_" for name in ("action", "meterAction", "answerAction")} == set(explained)
    assert [small.ask(address) for address in ("/chroma", "/octave", "/gate", "/latents")] == [
        "9",
        "3",
        "1",
        "0.25 0.5",
    ]
