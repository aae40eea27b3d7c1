import re
import resource
import signal
import subprocess
import time
import wave

import numpy as np
import pytest
import soundfile
from jackd import JackServer
from notified import Manager
from running import RunningManned, command

from manned.control.score import Score


@pytest.fixture
def own_jack_server(tmp_path):
    """A JACK server that a test may end, beside the one that all tests share."""
    with pytest.MonkeyPatch.context() as environment:
        server = JackServer(tmp_path / "jackd.log", environment)
        server.start()
        yield server
        server.stop()


def until(manned, pattern, timeout_s=20.0):
    """Wait until the program has said something that fits a pattern."""
    deadline = time.monotonic() + timeout_s
    while not re.search(pattern, manned.log.read_text()):
        assert time.monotonic() < deadline, f"{pattern!r} was not said:\n{manned.log.read_text()}"
        time.sleep(0.05)


def status(manned):
    words = manned.ask("/status").split()
    return {name: words[words.index(name) + 1] for name in ("audio", "blocks", "clock", "voices", "realtime_decode")}


def refused(*options):
    done = command("run", "--set", "audio.device=none", "--set", "midi.api=none", *options)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()[-1]


def test_what_is_heard_is_recorded_and_fades_at_the_end(tmp_path):
    with RunningManned(tmp_path, "--record", tmp_path / "take.wav", "--set", "start.gate=true") as manned:
        assert int(status(manned)["blocks"]) > 0
        assert status(manned)["voices"] == "1"
        assert manned.end() == 0
    heard, samplerate = soundfile.read(tmp_path / "take.wav")
    loud = np.abs(heard[:, 0]) > 0.01
    assert samplerate == 44100
    assert loud.any()
    assert not loud[-100:].any()
    assert np.abs(np.diff(heard[:, 0], 2))[-int(0.4 * 44100) :].max() < 0.1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(tmp_path, number):
    with RunningManned(tmp_path) as manned:
        manned.process.send_signal(number)
        assert manned.process.wait(10.0) == 0
    assert manned.log.read_text().endswith("stopped\n")


def test_panic_silences_everything(tmp_path):
    with RunningManned(tmp_path, "--set", "start.gate=true", "--set", "start.env/release=20") as manned:
        manned.process.send_signal(signal.SIGUSR1)
        until(manned, "panic")
        assert manned.ask("/gate") == "0"
        assert status(manned)["voices"] == "0"


def test_settings_are_read_again_while_it_plays(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("[audio]\nblocksize = 128\n")
    with RunningManned(tmp_path, "--config", own) as manned:
        own.write_text("[audio]\nblocksize = 12\n")
        manned.process.send_signal(signal.SIGHUP)
        until(manned, "audio.blocksize is 12, allowed is .*; the settings stay as they were")
        own.write_text('[audio]\nblocksize = 256\n[midi]\nchannels = [2]\n[log]\nlevel = "debug"\n')
        manned.process.send_signal(signal.SIGHUP)
        until(manned, "configuration read again; audio will change at the next start")
        assert status(manned)["audio"] == "silent"


@pytest.fixture
def retuned(tmp_path):
    """A running instrument with a drone and the scale ``thirds``, and what has it read other settings again."""
    own = tmp_path / "own.toml"
    folder = f"folders = ['{tmp_path}']"

    def settings(tuning, rest=""):
        own.write_text(f"[tuning]\n{folder}\n{tuning}\n[start]\ngate = true\n{rest}\n")

    (tmp_path / "thirds.scl").write_text("three steps\n 3\n 400.\n 800.\n 2/1\n")
    (tmp_path / "crooked.scl").write_text("crooked\n 2\n 3/2\n two\n")
    (tmp_path / "keys.kbm").write_text("1\n0\n127\n60\n60\n261.625565\n1\n0\n")
    settings("scale = 'thirds'\nkeyboard = 'keys'")
    with RunningManned(tmp_path, "--config", own) as manned:

        def reread(*changes, then):
            settings(*changes)
            told = manned.log.read_text().count("\n")
            manned.process.send_signal(signal.SIGHUP)
            until(manned, rf"^(?:.*\n){{{told}}}.*{then}\n")

        manned.reread = reread
        yield manned


def test_the_tuning_and_its_files_are_read_again_while_what_plays_goes_on(tmp_path, retuned):
    retuned.send("/mnote", 60, 100)
    (tmp_path / "keys.kbm").write_text("2\n0\n127\n60\n60\n261.625565\n1\n0\nx\n")
    retuned.reread("scale = 'thirds'\nkeyboard = 'keys'", then="configuration read again")
    assert "this tuning gives no pitch" in retuned.send("/mnote", 61, 100).stderr
    retuned.reread("scale = 'just'", '"tuning/a4" = 442', then="configuration read again")
    assert [retuned.ask(f"/tuning/{what}") for what in ("scale", "keyboard", "a4")] == ["just", "", "442"]
    retuned.reread(
        "scale = 'crooked'",
        '"tuning/a4" = 430\n[log]\nlevel = "error"',
        then=f"ERROR: scale {tmp_path}/crooked.scl, line 4: found 'two', allowed is .*; the settings stay as they were",
    )
    assert [retuned.ask(f"/tuning/{what}") for what in ("scale", "keyboard", "a4")] == ["just", "", "442"]
    retuned.reread("", then="configuration read again")
    assert [retuned.ask(f"/tuning/{what}") for what in ("scale", "a4")] == ["", "440"]
    assert status(retuned)["voices"] == "2"


def test_a_tuning_that_was_chosen_by_osc_stays_until_the_settings_of_it_change(retuned):
    retuned.send("/tuning/scale", "just")
    retuned.send("/tuning/a4", 430)
    retuned.reread("scale = 'thirds'\nkeyboard = 'keys'", "[midi]\nchannels = [2]", then="configuration read again")
    assert [retuned.ask(f"/tuning/{what}") for what in ("scale", "a4")] == ["just", "430"]
    retuned.reread("scale = '19-edo'", then="configuration read again")
    assert [retuned.ask(f"/tuning/{what}") for what in ("scale", "a4")] == ["19-edo", "430"]


def test_it_plays_through_jack_until_the_server_dies_and_then_asks_to_be_restarted(tmp_path, own_jack_server):
    with RunningManned(tmp_path, "--device", "jack") as manned:
        assert status(manned)["audio"] == "playing"
        own_jack_server.stop()
        assert manned.process.wait(30.0) == 75
    said = manned.log.read_text()
    assert all(re.match(r"[\d-]+ [\d:,]+ [A-Z]+: ", line) for line in said.splitlines()), said  # nothing of libjack's
    assert "stopped calling for sound" in said
    assert "ending with status 75 to be started again" in said


def test_a_missing_device_is_waited_for_and_never_replaced(tmp_path, own_jack_server):
    own_jack_server.stop()
    with RunningManned(tmp_path, "--device", "system") as manned:
        until(manned, "no sound: audio device 'system': not there, found: .*; waiting for it")
        assert status(manned)["audio"] == "waiting"
        own_jack_server.start()
        until(manned, "playing on system, JACK")
        assert status(manned)["audio"] == "playing"
        assert manned.end() == 0


def test_a_port_in_use_is_an_error(tmp_path):
    with RunningManned(tmp_path) as manned:
        code, said = refused(
            "--set", f"model.folders={tmp_path}", "--model", "small", "--set", f"osc.port={manned.port}"
        )
        assert (code, said) == (69, f"manned: OSC port {manned.port} on 127.0.0.1: address already in use")


def test_a_misspelt_key_is_an_error_of_the_configuration():
    code, said = refused("--set", "osc.prot=3")
    assert (code, said) == (78, "manned: config --set: unknown key osc.prot, the nearest known one is osc.port")


def test_a_start_value_that_the_model_has_not_is_an_error_of_the_configuration(tmp_path):
    manned = RunningManned(tmp_path, "--set", "start.latent/3=1")
    assert manned.process.wait(60.0) == 78
    assert manned.log.read_text().endswith("manned: config: start.latent/3: model small has 2 latents\n")


def test_a_missing_model_is_an_error():
    code, said = refused("--model", "nowhere")
    assert code == 1
    assert said.startswith("manned: model 'nowhere': no such decoder in ")


def test_a_recording_that_cannot_go_on_is_shown_in_the_status(tmp_path):
    with RunningManned(tmp_path, "--record", tmp_path / "take.wav") as manned:
        assert " recording_failed 0 " in manned.ask("/status")
        resource.prlimit(manned.process.pid, resource.RLIMIT_FSIZE, (1 << 17, resource.RLIM_INFINITY))
        until(manned, "recording .*take.wav: stopped after")
        assert " recording_failed 1 " in manned.ask("/status")
        assert manned.end() == 0


def test_a_killed_program_leaves_a_recording_that_can_be_read_to_its_last_second(tmp_path):
    take = tmp_path / "take.wav"
    with RunningManned(tmp_path, "--record", take, "--set", "start.gate=true") as manned:
        while soundfile.info(take).frames < 44_100:
            assert manned.process.poll() is None
            time.sleep(0.1)
        frames = int(status(manned)["clock"])
        assert manned.send("/latent/1", "0.25").returncode == 0
        manned.process.kill()
        manned.process.wait()
    entries = Score.load(tmp_path / "take.txt").entries
    assert entries[-1].message == ("/latent/1", (0.25,)) and 0.9 < entries[-1].seconds < 60
    assert ("/gate", (True,)) in [entry.message for entry in entries]
    with wave.open(str(take)) as file:
        read = file.getnframes()
        heard = np.frombuffer(file.readframes(read), "<i4")
        assert (file.getframerate(), file.getnchannels(), len(heard)) == (44_100, 2, 2 * read)
    assert read > frames - 44_100
    assert np.abs(heard[-2000:]).max() > 2**24
    assert int(subprocess.run(["soxi", "-s", take], capture_output=True, check=True).stdout) == read


def test_a_full_disk_ends_the_recording_in_words_and_the_music_goes_on(tmp_path, monkeypatch):
    small = tmp_path / "small"
    small.mkdir()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    manager = Manager(str(tmp_path / "notify"))
    if subprocess.run(["unshare", "--mount", "--map-root-user", "true"], capture_output=True).returncode:
        pytest.skip("no file systems can be mounted here")
    script = f"mount -t tmpfs -o size=500k none '{small}' && exec \"$@\""
    wrapper = ("unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh")
    with RunningManned(tmp_path, "--record", small / "take.wav", wrapper=wrapper) as manned:
        until(manned, r"ERROR: recording .*take.wav: stopped after \d+\.\d s, the disk is full\n")
        manager.hear_until(r"STATUS=no sound: audio.device is none, .*; recording stopped after .* s, the disk is full")
        told = manned.ask("/status")
        assert " recording_failed 1 " in told
        assert re.search(r" recording_problem stopped after \d+\.\d s, the disk is full ", told)
        blocks = int(status(manned)["blocks"])
        until(manned, "disk is full")
        assert int(status(manned)["blocks"]) > blocks
        assert manned.end() == 0
