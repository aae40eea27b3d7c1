"""Every sound system of Linux, each lost and back, by `make test-hosts`.

The servers play into sinks of nothing and have folders and names of their own.
"""

import contextlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import RunningManned

NULL_SINK = """
context.objects = [ { factory = adapter args = {
    factory.name = support.null-audio-sink node.name = nowhere media.class = Audio/Sink audio.position = [ FL FR ]
} } ]
"""
MOST_WORDS = 20_000
"""Bytes of a log after a loss: no flood of a library's words."""

MOST_LATENCY_MS = 250.0
"""What a device may tell; the nonsense that PipeWire's JACK tells is left out."""

SAMPLERATE = 44100


def needs(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} missing, see HOST_PACKAGES of the Makefile")


def until(manned, pattern, timeout_s=40.0, count=1):
    deadline = time.monotonic() + timeout_s
    while len(re.findall(pattern, manned.log.read_text())) < count:
        assert time.monotonic() < deadline, f"{pattern!r} was not said:\n{manned.log.read_text()[-3000:]}"
        assert manned.process.poll() is None, manned.log.read_text()[-3000:]
        time.sleep(0.1)


def goes_on(manned):
    """Whether a device calls for sound, at its pace as soon as its first buffers are full."""
    return " audio playing " in manned.ask("/status") and any(0.5 < pace(manned) < 1.5 for _ in range(8))


def pace(manned):
    """Seconds that it plays in a second."""
    before, begin = clock(manned), time.monotonic()
    time.sleep(1.5)
    after, end = clock(manned), time.monotonic()
    return (after - before) / SAMPLERATE / (end - begin)


def clock(manned):
    """How many frames it has played."""
    return int(re.search(r" clock (\d+)", manned.ask("/status"))[1])


def ends_or_waits(manned):
    """Whether it gets rid of the dead sound system's library, or ends so that a service manager starts it again."""
    deadline = time.monotonic() + 40.0
    while manned.process.poll() is None and "no sound: " not in manned.log.read_text():
        assert time.monotonic() < deadline, manned.log.read_text()
        time.sleep(0.1)
    return manned.process.poll() in (None, 75)


@pytest.fixture(scope="module")
def compiled_code():
    """The folder that keeps compiled code for us, which another home would hide."""
    told = "import manned.engine, numba; print(numba.config.CACHE_DIR)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip()).parent


@pytest.fixture
def surroundings(tmp_path, monkeypatch, compiled_code):
    """A session of its own for sound servers."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(compiled_code))
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "PULSE_RUNTIME_PATH"):
        folder = runtime if "RUNTIME" in name else tmp_path / name.lower()
        folder.mkdir(exist_ok=True)
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "manned-test-none")
    return tmp_path


@contextlib.contextmanager
def server(*command, ready, folder):
    """A program that runs until the end of the block, or until it is killed."""
    with open(folder / "servers.log", "ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 15.0
        while not ready():
            assert process.poll() is None and time.monotonic() < deadline, (folder / "servers.log").read_text()[-3000:]
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def pulseaudio(folder):
    """PulseAudio with a sink of nothing."""
    options = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--system=no", "--disallow-exit")
    load = ("--load=module-native-protocol-unix", "--load=module-null-sink sink_name=null rate=48000")
    return server(
        "pulseaudio", *options, *load, ready=lambda: "null" in said("pactl", "list", "sinks").stdout, folder=folder
    )


@needs("pulseaudio", "pactl")
def test_pulseaudio_by_alsa_is_lost_and_played_on_when_it_is_back(surroundings):
    with pulseaudio(surroundings) as first, RunningManned(surroundings, "--device", "pulse, ALSA", anew=True) as manned:
        until(manned, "playing on pulse, ALSA")
        assert goes_on(manned)
        first.kill()
        first.wait()
        until(manned, "stopped calling for sound")
        until(manned, "no sound: ")
        with pulseaudio(surroundings):
            until(manned, "playing on pulse, ALSA", count=2)
            assert goes_on(manned)
            assert manned.end() == 0
    assert manned.log.stat().st_size < MOST_WORDS


@pytest.fixture
def pipewire(surroundings):
    """Starts PipeWire with its session manager and a sink of nothing."""

    settings = surroundings / "xdg_config_home" / "pipewire" / "pipewire.conf.d"
    settings.mkdir(parents=True)
    (settings / "null.conf").write_text(NULL_SINK)

    @contextlib.contextmanager
    def start():
        with contextlib.ExitStack() as stack:
            folder = surroundings
            socket = folder / "run" / "pipewire-0"
            main = stack.enter_context(server("pipewire", ready=socket.exists, folder=folder))
            manager = server(
                "dbus-run-session", "wireplumber", ready=lambda: "WirePlumber" in said("pw-cli", "ls", "Client").stdout,
                folder=folder,
            )  # fmt: skip
            stack.enter_context(manager)
            deadline = time.monotonic() + 10.0
            while "nowhere:playback" not in said("pw-link", "-i").stdout:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield main
        socket.unlink(missing_ok=True)

    return start


@pytest.fixture
def pipewire_in_alsa(surroundings, monkeypatch):
    """ALSA finds PipeWire's plugin, which is unpacked only: installed, it would put PulseAudio out."""
    places = (Path(sys.prefix) / "pipewire-alsa" / "usr" / "lib", Path("/usr/lib"))
    found = [path for place in places for path in place.glob("*/alsa-lib/libasound_module_pcm_pipewire.so")]
    if not found:
        pytest.skip("ALSA's plugin for PipeWire is missing, see pipewire-alsa in the Makefile")
    settings = surroundings / "asound.conf"
    settings.write_text(f"""
</usr/share/alsa/alsa.conf>
pcm_type.pipewire {{ lib "{found[0]}" }}
pcm.pipewire {{ type pipewire hint {{ show on description "PipeWire" }} }}
""")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(settings))


@needs("pipewire", "wireplumber", "dbus-run-session")
@pytest.mark.usefixtures("pipewire_in_alsa")
def test_pipewire_by_alsa_plays_until_it_dies_and_the_next_start_plays_on(surroundings, pipewire):
    with pipewire() as main, RunningManned(surroundings, "--device", "pipewire, ALSA") as manned:
        until(manned, "playing on pipewire, ALSA")
        assert goes_on(manned)
        main.kill()
        assert ends_or_waits(manned)
    assert manned.log.stat().st_size < MOST_WORDS
    with pipewire(), RunningManned(surroundings, "--device", "pipewire, ALSA") as manned:
        until(manned, "playing on pipewire, ALSA")
        assert goes_on(manned)
        assert manned.end() == 0


@needs("pipewire", "wireplumber", "pipewire-pulse", "pactl", "dbus-run-session")
def test_pipewire_by_pulse_is_lost_and_played_on_when_it_is_back(surroundings, pipewire):
    @contextlib.contextmanager
    def with_pulse():
        sinks = ("pactl", "list", "sinks")
        with pipewire() as main, server("pipewire-pulse", ready=lambda: "nowhere" in said(*sinks).stdout,
                                        folder=surroundings):  # fmt: skip
            yield main

    with contextlib.ExitStack() as first:
        main = first.enter_context(with_pulse())
        with RunningManned(surroundings, "--device", "pulse, ALSA") as manned:
            until(manned, "playing on pulse, ALSA")
            assert goes_on(manned)
            main.kill()
            until(manned, "stopped calling for sound")
            until(manned, "no sound: ")
            first.close()
            with with_pulse():
                until(manned, "playing on pulse, ALSA", count=2)
                assert goes_on(manned)
                assert manned.end() == 0
    assert manned.log.stat().st_size < MOST_WORDS


@needs("pipewire", "wireplumber", "pw-jack", "dbus-run-session")
def test_pipewires_jack_plays_until_it_dies_and_the_next_start_plays_on(surroundings, pipewire):
    with pipewire() as main, RunningManned(surroundings, "--device", "JACK", wrapper=("pw-jack",)) as manned:
        until(manned, "playing on .*JACK")
        assert goes_on(manned)
        latency = re.search(r" latency_ms ([\d.]+)", manned.ask("/status"))
        assert latency is None or 0.0 < float(latency[1]) < MOST_LATENCY_MS
        main.kill()
        assert ends_or_waits(manned)
    assert manned.log.stat().st_size < MOST_WORDS
    with pipewire(), RunningManned(surroundings, "--device", "JACK", wrapper=("pw-jack",)) as manned:
        until(manned, "playing on .*JACK")
        assert manned.end() == 0
