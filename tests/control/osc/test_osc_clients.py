"""Other people's programs: oscsend, Pure Data, and our own `manned send`."""

import subprocess

import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import UDPClient

from manned import events
from manned.control.osc.client import parse_word, send
from manned.control.osc.packet import PacketError
from manned.errors import PortError

PD_PATCH = """#N canvas 0 0 450 300 12;
#X obj 10 10 loadbang;
#X obj 10 40 t b b b b;
#X msg 340 70 connect 127.0.0.1 {port};
#X msg 230 70 0.25;
#X obj 230 100 oscformat latent 1;
#X msg 120 70 bang;
#X obj 120 100 oscformat latents;
#X obj 230 130 list prepend send;
#X obj 230 160 list trim;
#X obj 230 190 netsend -u -b;
#X obj 230 220 oscparse;
#X obj 230 250 print heard;
#X obj 10 70 delay 500;
#X msg 10 100 \\; pd quit;
#X connect 0 0 1 0;
#X connect 1 0 12 0;
#X connect 1 1 5 0;
#X connect 1 2 3 0;
#X connect 1 3 2 0;
#X connect 2 0 9 0;
#X connect 3 0 4 0;
#X connect 4 0 7 0;
#X connect 5 0 6 0;
#X connect 6 0 7 0;
#X connect 7 0 8 0;
#X connect 8 0 9 0;
#X connect 9 1 10 0;
#X connect 10 0 11 0;
#X connect 12 0 13 0;
"""


def test_oscsend_sets_a_latent(osc):
    subprocess.run(["oscsend", "127.0.0.1", str(osc.port), "/latent/1", "f", "0.25"], check=True)
    osc.wait_until(lambda: osc.instrument.get("latent/1") == 0.25)


def test_oscsend_plays_by_tcp(osc):
    subprocess.run(["oscsend", f"osc.tcp://127.0.0.1:{osc.port}", "/chroma", "s", "Eb"], check=True)
    osc.wait_until(lambda: osc.instrument.get("chroma") == 3)


def test_a_bundle_of_python_osc_starts_and_moves_a_note_in_one_audio_block(osc):
    bundle = OscBundleBuilder(IMMEDIATELY)
    for address, *arguments in (
        ("/tuning/scale", "thirds"),
        ("/mnote", 61, 100.0, 3),
        ("/ne/pitch", 3, 0.5),
        ("/ne/pressure", 3, 0.75),
        ("/ne/latent/2", 3, -0.25),
    ):
        message = OscMessageBuilder(address)
        for argument in arguments:
            message.add_arg(argument)
        bundle.add_content(message.build())
    UDPClient("127.0.0.1", osc.port).send(bundle.build())
    osc.wait_until(osc.instrument.notes)
    (block,) = osc.engine.handed
    _, on, *moves = block
    assert (on.kind, on.a) == (events.NOTE_ON, pytest.approx(64))
    assert [(event.kind, event.index, event.a, event.b) for event in moves] == [
        (events.NOTE_PITCH, on.index, 0.5, 0),
        (events.NOTE_PRESSURE, on.index, 0.75, 0),
        (events.NOTE_LATENT, on.index, -0.25, 1),
    ]


def test_pure_data_sets_a_latent_and_hears_an_answer(osc, tmp_path):
    patch = tmp_path / "play.pd"
    patch.write_text(PD_PATCH.format(port=osc.port))
    pd = subprocess.run(
        ["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", str(patch)], capture_output=True, text=True, timeout=30
    )
    assert osc.get("latent/1") == 0.25
    assert "heard: list latents 0.25 0.5 0.5" in pd.stderr


def test_send_returns_the_answers(osc):
    assert send("127.0.0.1", osc.port, "/latent/1", ["0.25"]) == []
    assert send("127.0.0.1", osc.port, "/latent/1", []) == [("/latent/1", (0.25,))]
    assert send("127.0.0.1", osc.port, "/model", ["two"]) == [("/done", ("/model", "two"))]
    ((address, (about, _)),) = send("127.0.0.1", osc.port, "/gian", ["1"])
    assert (address, about) == ("/error", "/gian")


def test_send_says_when_nobody_listens(osc):
    osc.do(osc.server.stop())
    with pytest.raises(PortError, match="is manned running there"):
        send("127.0.0.1", osc.port, "/gain", [], timeout_s=1.0)


@pytest.mark.parametrize("address", ["", "gain", "/ga in"])
def test_send_refuses_what_is_no_address(address):
    with pytest.raises(PacketError):
        send("127.0.0.1", 9, address, [])


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1", 1),
        ("-2", -2),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("C#", "C#"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("", ""),
        ("9" * 30, float("9" * 30)),
    ],
)
def test_words_become_arguments(word, value):
    assert parse_word(word) == value
    assert type(parse_word(word)) is type(value)
