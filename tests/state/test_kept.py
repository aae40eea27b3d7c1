"""What is set is kept for the next start: soon, whole, and never damaged."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from session import Session
from small_decoder import small_decoder

from manned.errors import StateError
from manned.state import kept
from manned.state.keeper import LONGEST_S, QUIET_S, Keeper

SETTINGS = {"model.name": "small"}


@pytest.fixture
def session(tmp_path):
    return Session(small_decoder(), tmp_path / "state")


def another(tmp_path, decoder=None):
    return Session(decoder or small_decoder(), tmp_path / "state")


def restore(session, state):
    remarks = kept.set_tuning(session.instrument, state.scale, state.keyboard)
    kept.set_instrument(session.instrument, state.values)
    return remarks + kept.set_sound(session.presets, state.sound)


def everything(session):
    instrument = session.instrument
    values = {
        name: value for name, value in instrument.values().items() if instrument.parameter(name).scope != "playing"
    }
    texts = instrument.tree.snapshot_texts(), instrument.tuning.names(), session.presets.current
    return values, texts, instrument.macros.all(), instrument.chroma_weights()


def test_all_that_is_set_comes_back(session, tmp_path):
    session.send("/preset/save", "mine")
    for address, *values in (
        ("/latents", 0.123456789, 1.0),
        ("/env/release", 2.5),
        ("/gain/db", 9.0),
        ("/tuning/a4", 431.7),
        ("/tempo", 97.0),
        ("/tuning/scale", "just"),
        ("/gesture", "celesta"),
        ("/macro/3/bind", "/latent/2", 0, 1),
        ("/macro/3/name", "Bite"),
        ("/macro/3", 0.25),
        ("/chroma/weights", 0.5, 0, 0, 0, 0.25, 0, 0, 1, 0, 0, 0, 0),
        ("/phase", "noise"),
        ("/lfo/2/target", "pan"),
    ):
        assert session.send(address, *values) == []
    kept.write(tmp_path, kept.to_bytes(kept.snapshot(session.presets, SETTINGS)))
    state, fresh = kept.read(tmp_path), another(tmp_path)
    assert everything(fresh) != everything(session)
    assert restore(fresh, state) == []
    assert everything(fresh) == everything(session)
    assert state.settings == SETTINGS


@pytest.mark.parametrize("gain", [0.0, 0.123456789, 0.7, 1.0])
def test_a_gain_comes_back_as_it_was(session, tmp_path, gain):
    session.instrument.set("gain", gain)
    fresh = another(tmp_path)
    kept.set_instrument(fresh.instrument, session.instrument.tree.snapshot("instrument"))
    assert [fresh.instrument.get(name) for name in ("gain", "gain/db")] == [
        session.instrument.get(name) for name in ("gain", "gain/db")
    ]


def test_what_belongs_to_the_moment_does_not_come_back(session, tmp_path):
    session.send("/gate", 1)
    session.send("/bend", 1.0)
    session.send("/expression", 0.25)
    fresh = another(tmp_path)
    restore(fresh, kept.snapshot(session.presets, SETTINGS))
    assert [fresh.instrument.get(name) for name in ("gate", "bend", "expression")] == [False, 0.0, 1.0]


def test_latents_stand_at_once_where_they_were(session, tmp_path):
    session.send("/glide", 30.0)
    session.send("/latents", 0.9, 0.1)
    fresh = another(tmp_path)
    restore(fresh, kept.snapshot(session.presets, SETTINGS))
    events = [event for block in fresh.engine.handed for event in block]
    glides = [event for event in events if event[0] == fresh.instrument.parameter("glide").event]
    assert [event[3] for event in glides][-2:] == [0.0, 30.0]


def test_a_sound_of_another_model_is_told_and_let_be(session, tmp_path):
    session.send("/latents", 0.9, 0.1)
    session.send("/gain", 0.25)
    state = kept.snapshot(session.presets, SETTINGS)
    fresh = another(tmp_path)
    fresh.instrument.decoder = type("Other", (), {"name": "other", "latent_count": 2})()
    (remark,) = restore(fresh, state)
    assert remark == "the sound belongs to model small with 2 latents, other with 2 begins anew"
    assert fresh.latents() == [0.5, 0.5]
    assert fresh.instrument.get("gain") == 0.25


def test_a_scale_that_is_gone_is_told_and_the_rest_comes_back(session, tmp_path):
    session.send("/latents", 0.9, 0.1)
    state = kept.snapshot(session.presets, SETTINGS)
    fresh = another(tmp_path)
    assert kept.set_tuning(fresh.instrument, "../../etc/passwd", None) == [
        "scale '../../etc/passwd' is not there any more"
    ]
    assert restore(fresh, state) == []
    assert fresh.latents() == session.latents()


def _content(session, **more):
    return {**json.loads(kept.to_bytes(kept.snapshot(session.presets, SETTINGS))), **more}


def test_nothing_kept_is_nothing(tmp_path):
    assert kept.read(tmp_path / "nowhere") is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b"\xff\xfe", "it is no text in UTF-8, see byte 0"),
        (b"[]", "TypeError"),
        (b"[" * 100_000, "RecursionError"),
        (b"{}", "KeyError: 'format'"),
        (b'{"format": 2}', "format 2, this version reads format 1"),
        (b" " * (kept.MAX_BYTES + 1), "larger than"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, content, reason):
    (tmp_path / kept.FILE).write_bytes(content)
    with pytest.raises(StateError, match=reason) as error:
        kept.read(tmp_path)
    assert str(error.value).startswith(f"state {tmp_path}/last.json: cannot be read (")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "more",
    [
        {"preset": "../x"},
        {"preset": 7},
        {"instrument": {"gain": [1]}},
        {"instrument": {"gain": float("nan")}},
        {"instrument": 3},
        {"tuning": {"scale": 1, "keyboard": ""}},
        {"sound": {}},
        {"settings": None},
    ],
)
def test_what_holds_something_else_is_one_sentence(session, tmp_path, more):
    (tmp_path / kept.FILE).write_text(json.dumps(_content(session, **more)))
    with pytest.raises(StateError, match="cannot be read"):
        kept.read(tmp_path)


def test_a_link_that_leads_out_and_a_pipe_are_not_read(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "there").write_text("{}")
    (tmp_path / "state" / kept.FILE).symlink_to(tmp_path / "there")
    with pytest.raises(StateError, match="leads out of"):
        kept.read(tmp_path / "state")
    (tmp_path / "state" / kept.FILE).unlink()
    os.mkfifo(tmp_path / "state" / kept.FILE)
    with pytest.raises(StateError, match="no regular file"):
        kept.read(tmp_path / "state")


# -- when it is written ----------------------------------------------------------------


def keeping(session, tmp_path, act, quiet_s=0.1, longest_s=0.3):
    """Have a keeper run while ``act(keeper)`` does something."""

    async def run():
        instrument = session.instrument
        keeper = Keeper(instrument.tree, tmp_path, lambda: kept.snapshot(session.presets, SETTINGS), quiet_s, longest_s)
        task = asyncio.ensure_future(keeper.run())
        try:
            await act(keeper)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await keeper.stop()

    asyncio.run(run())


def latent(tmp_path):
    state = kept.read(tmp_path)
    return None if state is None else state.sound.values["latent/1"]


def test_it_promises_five_seconds():
    assert QUIET_S <= 2.0 < LONGEST_S < 5.0


def test_it_is_written_after_a_pause_and_in_time_without_one(session, tmp_path):
    async def act(keeper):
        session.instrument.set("gate", True)
        await asyncio.sleep(0.25)
        assert latent(tmp_path) is None  # playing is not kept
        session.instrument.set("latent/1", 0.25)
        await asyncio.sleep(0.05)
        assert latent(tmp_path) is None
        await asyncio.sleep(0.25)
        assert latent(tmp_path) == 0.25
        begun, oldest = time.monotonic(), 0.0
        while time.monotonic() < begun + 2.5:  # never a pause
            session.instrument.set("latent/1", 0.5 + (time.monotonic() - begun) / 8)
            await asyncio.sleep(0.01)
            age = time.monotonic() - begun - (max(latent(tmp_path), 0.5) - 0.5) * 8
            oldest = max(oldest, age)
        assert 0.2 < oldest < 1.5

    keeping(session, tmp_path, act)


def test_the_end_waits_for_no_pause(session, tmp_path):
    async def act(keeper):
        session.instrument.set("latent/1", 0.75)

    keeping(session, tmp_path, act, quiet_s=60.0, longest_s=60.0)
    assert latent(tmp_path) == 0.75


def test_a_disk_that_takes_nothing_is_told_once(session, tmp_path, caplog):
    (tmp_path / "state").write_text("no folder")

    async def act(keeper):
        for value in (0.1, 0.2, 0.3):
            session.instrument.set("latent/1", value)
            await asyncio.sleep(0.1)
        assert "cannot be written" in keeper.problem
        (tmp_path / "state").unlink()
        session.instrument.set("latent/1", 0.4)
        await asyncio.sleep(0.2)
        assert keeper.problem == ""

    keeping(session, tmp_path / "state", act, quiet_s=0.02)
    assert len([record for record in caplog.records if "cannot be written" in record.message]) == 1
    assert latent(tmp_path / "state") == 0.4


KILLED = """
import asyncio
import os
import sys
import time
from pathlib import Path
from manned.state import kept
from manned.state.keeper import Keeper
from manned.state.preset import Preset
from manned.state.tree import Tree
from manned.table.parameters import parameter_table

folder = Path(sys.argv[1])
tree = Tree(lambda row, value: None, lambda: None, lambda: None)
tree.use(parameter_table(64))
now = lambda: kept.Kept(Preset("", "small", 64, tree.snapshot("sound"), whole=True), tree.snapshot("instrument"))

async def play():
    keeper = Keeper(tree, folder, now, 0.02, 0.05)
    task = asyncio.ensure_future(keeper.run())
    while True:
        for latent in range(1, 65):
            tree.set(f"latent/{latent}", time.monotonic() % 1000 / 1000)
        await asyncio.sleep(0.001)

for line in sys.stdin:
    child = os.fork()
    if not child:
        asyncio.run(play())
    print(child, flush=True)
    os.waitpid(child, 0)
"""


def test_a_kill_at_any_moment_leaves_the_state_of_just_before_and_never_a_damaged_one(tmp_path):
    moments, oldest = random.Random(13), 0.0
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writers:
        for _ in range(100):
            writers.stdin.write("\n")
            writers.stdin.flush()
            writer = int(writers.stdout.readline())
            begun = time.monotonic()
            time.sleep(moments.uniform(0.0, 0.15))
            os.kill(writer, signal.SIGKILL)
            ended = time.monotonic()
            state = kept.read(tmp_path)  # or it raises
            if state and ended - begun > 0.1:
                at = {value * 1000 for name, value in state.sound.values.items() if name.startswith("latent/")}
                assert len(at) <= 64
                oldest = max(oldest, ended % 1000 - max(at))
        writers.stdin.close()
    assert len(list(tmp_path.iterdir())) <= 2  # what the last one was writing, at most
    assert kept.read(tmp_path) and 0.0 <= oldest < 5.0  # a busy machine lets some writers wait
