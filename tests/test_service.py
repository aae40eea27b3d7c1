import asyncio
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from free_port import free_port
from notified import Manager
from running import RunningManned
from small_decoder import small_decoder_file

import manned.service.daemon
from manned import PROGRAM
from manned.audio.silent import SilentClock
from manned.audio.supervisor import CLOSE_DEADLINE_S
from manned.audio.watchdog import STALE_S, StartAgain
from manned.config import load_config
from manned.errors import ConfigError, MannedError, PortTakenError
from manned.service.parts import Lifecycle
from manned.service.systemd import ServiceManager

UNITS = Path(__file__).parent.parent / "systemd"


@pytest.fixture
def manager(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "900000")
    return Manager(str(tmp_path / "notify"))


def test_the_manager_hears_of_the_whole_life_of_the_service(tmp_path, manager):
    own = tmp_path / "own.toml"
    own.write_text("")
    with RunningManned(tmp_path, "--config", own, anew=True) as manned:
        heard = manager.hear_until("READY=1")
        assert heard[0] == "STATUS=starting: loading the engine; the first start compiles it, which takes minutes"
        assert "STATUS=no sound: audio.device is none, a silent clock runs" in heard
        assert "WATCHDOG=1" not in heard
        assert int(re.search(r" blocks (\d+)", manned.ask("/status"))[1]) > 0
        manager.hear_until("WATCHDOG=1")
        manager.hear_until("WATCHDOG=1")
        before = time.monotonic_ns() // 1000
        manned.process.send_signal(signal.SIGHUP)
        reloading = manager.hear_until(r"RELOADING=1\nMONOTONIC_USEC=\d+")[-1]
        assert before <= int(reloading.rpartition("=")[2]) <= time.monotonic_ns() // 1000
        manager.hear_until("READY=1")
        manned.process.terminate()
        manager.hear_until("STOPPING=1")
        assert manned.process.wait(10.0) == 0


def test_a_signal_ends_the_start_at_once_and_without_a_word_whenever_it_comes(tmp_path):
    """From the first lines of the program on, through its imports and through the engine's."""
    started = []
    for number, after_s in itertools.product((signal.SIGTERM, signal.SIGINT), (0.05, 0.2, 0.4, 0.8)):
        folder = tmp_path / f"{number.name} after {after_s:g}"
        folder.mkdir()
        log = folder / "log"
        with open(log, "wb") as written:
            process = subprocess.Popen(
                [sys.executable, "-m", "manned", "--device", "none", "--set", f"osc.port={free_port()}"],
                stderr=written,
                env={**os.environ, "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder)},
            )
        _until_signals_are_taken_care_of(process)
        threading.Timer(after_s, process.send_signal, [number]).start()
        started.append((number, after_s, process, log))
    for number, after_s, process, log in started:
        code = process.wait(after_s + 10.0)
        assert code in (-number, 0), (number, after_s, log.read_text())
        assert "Traceback" not in log.read_text() and "Aborted" not in log.read_text()


def test_signals_for_later_pass_by_from_the_first_line_on(tmp_path, manager):
    manned = RunningManned(tmp_path, "--set", "start.gate=true", anew=True)
    _until_signals_are_taken_care_of(manned.process)
    for _ in range(8):
        manned.process.send_signal(signal.SIGHUP)
        manned.process.send_signal(signal.SIGUSR1)
        time.sleep(0.05)
    with manned:
        manager.hear_until("READY=1")
        assert manned.ask("/gate") == "1"
        assert manned.end() == 0


def _until_signals_are_taken_care_of(process):
    """Wait until Python has come to the first line of the program, some 20 ms after exec."""
    deadline = time.monotonic() + 10.0
    while True:
        ignored = re.search(r"SigIgn:\s*(\w+)", Path(f"/proc/{process.pid}/status").read_text())
        if ignored and int(ignored[1], 16) >> (signal.SIGUSR1 - 1) & 1:  # the last of the four
            return
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.001)


@pytest.fixture
def silent_config(tmp_path):
    """Settings of a program that makes no sound and hears nobody."""
    settings = {"audio.device": "none", "midi.api": "none", "osc.enabled": "false", "web.port": 0}
    settings["model.name"] = small_decoder_file(tmp_path)
    return load_config(None, [f"{name}={value}" for name, value in settings.items()], environment={})


PARTS = ("log", "engine", "state", "recorder", "output", "clock", "osc", "web", "midi", "score", "systemd")


def test_the_program_tells_its_life_and_that_of_its_parts(silent_config, manager):
    events = []

    async def scenario():
        daemon = manned.service.daemon.Daemon(silent_config, listener=events.append)
        running = asyncio.ensure_future(daemon.run())
        await asyncio.wait_for(asyncio.to_thread(manager.hear_until, "READY=1"), 20.0)
        await daemon.reload()
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0

    asyncio.run(scenario())
    starting, running, reloading, stopping, stopped = Lifecycle
    one = [(part, state) for part in PARTS for state in (starting, running)]
    reload = [(part, state) for part in reversed(PARTS) for state in (reloading, running)]
    end = [(part, state) for part in reversed(PARTS) for state in (stopping, stopped)]
    assert [(event.part, event.state) for event in events] == [
        (PROGRAM, starting), *one, (PROGRAM, running),
        (PROGRAM, reloading), *reload, (PROGRAM, running),
        (PROGRAM, stopping), *end, (PROGRAM, stopped),
    ]  # fmt: skip


def test_a_service_whose_first_block_comes_late_is_ready_when_it_has_come(silent_config, manager, monkeypatch):
    start = SilentClock.start
    monkeypatch.setattr(SilentClock, "start", lambda clock: threading.Timer(1.0, start, [clock]).start())
    monkeypatch.setattr(manned.service.daemon, "FIRST_BLOCK_S", 0.0)

    async def scenario():
        running = asyncio.ensure_future(manned.service.daemon.Daemon(silent_config).run())
        heard = await asyncio.wait_for(asyncio.to_thread(manager.hear_until, "READY=1"), 20.0)
        assert "STATUS=no sound: audio.device is none, a silent clock runs" in heard
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0

    asyncio.run(scenario())


def test_a_service_that_waits_for_its_device_says_so_and_is_alive(tmp_path, manager, monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "manned-test-none")
    with RunningManned(tmp_path, "--device", "no such device"):
        heard = manager.hear_until("READY=1")
        sentence = "STATUS=no sound: audio device 'no such device': not there.*waiting for it"
        assert any(re.match(sentence, message) for message in heard)
        manager.hear_until("WATCHDOG=1")


def test_a_status_is_told_when_it_changes(tmp_path, manager):
    service = ServiceManager()
    service.status("playing")
    service.status("playing")
    service.status("waiting\nfor a device")
    service.stopping()
    assert [manager.hear() for _ in range(3)] == ["STATUS=playing", "STATUS=waiting for a device", "STOPPING=1"]


def test_abstract_sockets_are_understood():
    name = f"manned-test-{os.getpid()}"
    manager = Manager("\0" + name)
    ServiceManager({"NOTIFY_SOCKET": "@" + name}).ready()
    assert manager.hear() == "READY=1"


def test_the_watchdog_is_fed_only_when_it_watches_this_process(manager):
    socket_only = {"NOTIFY_SOCKET": os.environ["NOTIFY_SOCKET"]}
    for environment in (socket_only, {**socket_only, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}):
        service = ServiceManager(environment)
        assert service.watchdog_s is None
        service.alive()
    service = ServiceManager({**socket_only, "WATCHDOG_USEC": "1500000", "WATCHDOG_PID": str(os.getpid())})
    assert service.watchdog_s == 1.5
    service.alive()
    service.stopping()
    assert [manager.hear(), manager.hear()] == ["WATCHDOG=1", "STOPPING=1"]


def test_without_a_manager_nothing_happens():
    service = ServiceManager({})
    service.ready()
    service.alive()
    ServiceManager({"NOTIFY_SOCKET": "/nowhere/notify"}).ready()


@pytest.fixture(params=["manned.service", "user/manned.service"])
def unit(request, tmp_path):
    """A copy of a unit whose program is there, and the options that systemd-analyze wants for it."""
    text = (UNITS / request.param).read_text()
    (tmp_path / "manned.service").write_text(re.sub("^ExecStart=.*", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    return tmp_path / "manned.service", ["--user"] if "user" in request.param else []


def test_systemd_finds_no_fault_in_the_units(unit, tmp_path):
    path, options = unit
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        ["systemd-analyze", *options, "verify", path], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("unit", "most"), [("manned.service", 15), ("user/manned.service", 65)], indirect=["unit"])
def test_the_services_are_shut_in(unit, most, tmp_path):
    """Exposure in tenths; a user's unit may not give up what it never had."""
    path, options = unit
    done = subprocess.run(
        ["systemd-analyze", *options, "security", "--offline=true", f"--threshold={most}", path],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", ["manned.service", "user/manned.service"], indirect=True)
def test_the_units_try_again_where_that_helps(unit):
    found = dict(line.split("=", 1) for line in unit[0].read_text().splitlines() if "=" in line and line[0] != "#")
    never = set(map(int, found["RestartPreventExitStatus"].split()))
    assert never == {PortTakenError.exit_code, ConfigError.exit_code}
    assert StartAgain.exit_code not in never and MannedError.exit_code not in never
    assert found["StartLimitIntervalSec"] == "5min"
    burst, pause_s = int(found["StartLimitBurst"]), int(found["RestartSec"])
    # After a loss of the sound server it takes seconds until the next one: that is never too often.
    assert burst * (pause_s + STALE_S + CLOSE_DEADLINE_S) > 5 * 60
    # What fails in its first second is given up in the end.
    assert burst * (pause_s + 1.0) < 5 * 60
