"""The command line, as processes of its own."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from free_port import free_port
from running import RunningManned, command
from small_decoder import small_decoder_file
from told_decoder import told_decoder

import manned
from manned.model.harmonic.decoder_file import save_decoder as save_harmonic_decoder
from manned.model.pitch import note_to_hz
from manned.state.preset import Preset
from manned.state.preset_folder import PresetFolder

COMMANDS = ("run", "render", "encode", "devices", "models", "gestures", "presets", "send", "listen", "status")
LIGHT = {"numba", "numpy", "sounddevice", "soundfile", "mido", "rtmidi", "tensorflow"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with RunningManned(tmp_path_factory.mktemp("running")) as running:
        yield running


@pytest.fixture
def model_options(tmp_path):
    """A folder with the model ``small`` alone, and the options that make a command use it."""
    folder = tmp_path / "models"
    small_decoder_file(folder)
    return ("--set", f"model.folders={folder}", "--set", "model.name=small")


def test_the_version_is_the_packages():
    assert command("--version").stdout == f"manned {manned.__version__}\n"


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_explains_every_command(name):
    told = command(*[name] * (name is not None), "--help")
    assert told.returncode == 0
    words = COMMANDS if name is None else ("Usage: manned " + name,)
    assert all(word in told.stdout for word in words)


def in_process(*arguments, before=""):
    """Run a command in a Python process that then prints which modules it has imported."""
    program = f"""
import os, sys
from manned.cli import main
{before}
try:
    main({[*map(str, arguments)]!r}, prog_name="manned")
finally:
    print("imported", *sys.modules)
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def imported(done):
    return set(done.stdout.partition("imported ")[2].split())


@pytest.mark.parametrize("arguments", [["--help"], ["send", "/gate", "1", "--port", "1"], ["status", "--port", "1"]])
def test_small_commands_import_nothing_large(arguments):
    modules = imported(in_process(*arguments))
    assert "manned.cli" in modules
    assert not LIGHT & modules


def test_numpy_is_not_there_yet_when_the_instrument_says_how_many_threads_it_may_take():
    code = "import sys; from manned.cli.run import run; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_models_are_listed_without_the_engine(model_options):
    done = in_process("models", *model_options)
    assert "* small" in done.stdout
    assert "manned.engine" not in imported(done)


# -- send and status ----------------------------------------------------------


def test_send_sets_a_value_and_an_empty_message_asks_for_it(running):
    told = running.send("/latent/1", 0.25)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    assert running.send("/latent/1").stdout == "/latent/1 0.25\n"


@pytest.mark.parametrize(("value", "taken"), [("-0.5", "-0.5"), ("-1e-1", "-0.1"), ("-1", "-1")])
def test_negative_numbers_are_numbers(running, value, taken):
    assert running.send("/bend", value).returncode == 0
    assert running.ask("/bend") == taken


def test_texts_and_truths_are_sent_as_such(running):
    running.send("/chroma", "F#")
    running.send("/gate", "true")
    assert (running.ask("/chroma"), running.ask("/gate")) == ("6", "1")
    running.send("/gate", "false")
    assert running.ask("/gate") == "0"


def test_an_error_is_said_on_stderr_with_exit_code_1(running):
    told = running.send("/latnet/1", 0.5)
    assert told.returncode == 1
    assert told.stdout == ""
    assert told.stderr == "manned: /latnet/1: no such address; the nearest is /latent/1\n"


def test_a_model_that_cannot_be_loaded_is_a_failure_and_the_old_one_plays_on(running):
    told = running.send("/model", "nobody")
    assert told.returncode == 1
    assert told.stderr.startswith("manned: /model: model 'nobody': no such model")
    assert running.ask("/model") == "small"


def test_status_is_a_table_for_people(running):
    told = command("status", "--port", running.port)
    assert told.returncode == 0
    lines = told.stdout.splitlines()
    groups = [line for line in lines if not line.startswith(" ")]
    assert groups[:5] == ["Program", "Sound", "Load", "Trouble", "OSC"]
    rows = dict(re.split(r"  +", line.strip(), maxsplit=1) for line in lines if line.startswith(" "))
    assert rows["model"] == "small"
    assert rows["samplerate"] == "44100 Hz"
    assert rows["load average"].endswith(" %")
    assert rows["uptime"].endswith(" s")
    assert int(rows["blocks"]) > 0
    assert {rows["realtime audio"], rows["realtime decode"]} <= {"yes", "no"}
    assert "More" not in groups, "a figure of /status belongs to no group"


def test_status_is_told_again_and_again_until_it_is_ended(running):
    watch = [sys.executable, "-m", "manned", "status", "--watch", "--port", str(running.port)]
    with subprocess.Popen(watch, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        clocks = []
        while len(clocks) < 2:
            line = process.stdout.readline()
            assert line
            clocks += re.findall(r"^  clock +(\d+)", line)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0 and process.stderr.read() == ""
    assert int(clocks[1]) > int(clocks[0])


def test_status_that_is_watched_waits_for_the_instrument(tmp_path):
    watch = [sys.executable, "-m", "manned", "status", "--watch", "--timeout", "0.2", "--port", str(free_port())]
    with subprocess.Popen(watch, stdout=subprocess.PIPE, text=True) as process:
        assert "is manned running there?" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


@pytest.mark.parametrize("arguments", [["status"], ["send", "/gate"], ["send", "/gate", "1"]])
def test_without_a_running_manned_one_sentence_says_so(arguments):
    port = free_port()
    told = command(*arguments, "--port", port)
    assert told.returncode == 1
    assert f"manned: OSC port {port} on 127.0.0.1: " in told.stderr
    assert "is manned running there?" in told.stderr
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize("address", ["gate", "/größe"])
def test_what_is_no_address_is_not_sent(running, address):
    told = running.send(address, 1)
    assert told.returncode == 1
    assert told.stderr.startswith("manned: ") and told.stderr.count("\n") == 1


def test_host_and_port_are_those_of_the_settings(running, tmp_path, monkeypatch):
    config = tmp_path / "own.toml"
    config.write_text(f'[osc]\nport = {running.port}\nhost = "0.0.0.0"\n')
    assert command("send", "/gain", "--config", config).stdout == "/gain 0.7\n"
    assert "model" in command("status", "--config", config).stdout
    monkeypatch.setenv("MANNED_OSC_PORT", str(running.port))
    assert command("send", "/gain").stdout == "/gain 0.7\n"
    monkeypatch.setenv("MANNED_OSC_PORT", "none")
    assert command("send", "/gain").returncode == 78


def test_text_in_quotes_is_text_whatever_it_looks_like(running):
    assert running.send("/preset/save", '"7"').stdout == "/done /preset/save 7\n"
    assert running.send("/preset/load", '"7"').stdout == "/done /preset/load 7\n"
    assert running.send("/preset/load", "7").stdout != "/done /preset/load 7\n"  # the eighth of the list
    assert "no such number" in running.send("/preset/load", "7777").stderr


@pytest.fixture
def listening(running):
    """Starts `manned listen`; what it has printed can be waited for."""
    processes = []

    def start(*addresses):
        words = [sys.executable, "-u", "-m", "manned", "listen", *addresses, "--port", str(running.port)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        deadline = time.monotonic() + 20
        while running.ask("/status").partition(" osc_subscribers ")[2].split()[0] != str(len(processes)):
            assert process.poll() is None and time.monotonic() < deadline
        return process

    yield start
    for process in processes:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert " osc_subscribers 0 " in running.ask("/status")


def test_listen_prints_what_others_set(running, listening):
    everything, some = listening(), listening("/env", "/bend")
    running.send("/glide", 1.5)
    running.send("/env/attack", 0.25)
    assert [everything.stdout.readline() for _ in range(2)] == ["/glide 1.5\n", "/env/attack 0.25\n"]
    assert some.stdout.readline() == "/env/attack 0.25\n"


def test_listen_prints_levels_when_they_are_named(listening):
    assert re.match(r"/meter( [\d.e-]+){6}\n", listening("/meter").stdout.readline())


# -- run ----------------------------------------------------------------------


def test_run_may_be_left_out(tmp_path):
    told = command("--set", "osc.prot=1")
    assert told.returncode == 78
    assert "the nearest known one is osc.port" in told.stderr


def test_a_second_manned_on_the_same_port_says_that_it_is_taken(running, model_options):
    told = command("run", *model_options, "--device", "none", "--set", f"osc.port={running.port}")
    assert told.returncode == 69
    assert f"OSC port {running.port} on 127.0.0.1: " in told.stderr and "in use" in told.stderr


def test_a_port_that_is_taken_is_noticed_before_the_engine_is_loaded(running, model_options):
    done = in_process("run", *model_options, "--device", "none", "--set", f"osc.port={running.port}")
    assert f"OSC port {running.port} on 127.0.0.1: " in done.stderr
    assert "numba" not in imported(done)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["run", "--config", "/nowhere.toml"], 78, "config /nowhere.toml: cannot be read"),
        (["run", "--set", "osc.port=99999"], 78, "osc.port is 99999, allowed is a whole number 1–65535"),
        (["run", "--model", "nobody"], 1, "model 'nobody': no such decoder"),
        (["run", "--model", "setup.cfg"], 1, "the name of a file ends in .safetensors"),
        (["run", "--device", "none", "--scale", "nothing"], 1, "'nothing': no such .scl file in "),
        (["run", "--score", "/nowhere.txt"], 1, "score /nowhere.txt: No such file"),
        (["run", "--device", "none", "--record", "take.mp3"], 1, "take.mp3: its suffix is '.mp3'"),
        (["render", "/nowhere.txt", "-o", "out.wav"], 1, "score /nowhere.txt: No such file"),
        (["models", "--set", "midi.api=usb"], 78, 'midi.api is "usb"'),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_with_its_exit_code(model_options, arguments, code, sentence):
    told = command(*arguments, *model_options[: 2 if "--model" in arguments else None])
    assert told.returncode == code
    assert sentence in told.stderr
    assert "Traceback" not in told.stderr


def test_the_settings_of_the_user_are_read_and_the_command_line_wins(model_options, tmp_path):
    home = tmp_path / "config"
    (home / "manned").mkdir(parents=True)
    (home / "manned" / "manned.toml").write_text('[model]\nname = "mine"\n')
    compiled = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME") if name in os.environ}
    environment = {"PATH": "", "XDG_CONFIG_HOME": str(home), **compiled}
    told = command("render", "examples/drone.txt", "-o", tmp_path / "a.wav", *model_options[:2], env=environment)
    assert "model 'mine'" in told.stderr
    told = command("render", "examples/drone.txt", "-o", tmp_path / "a.wav", *model_options, env=environment)
    assert told.returncode == 0


# -- render, models, devices --------------------------------------------------


def test_render_writes_the_file_and_says_how_long_it_is(model_options, tmp_path):
    score = tmp_path / "score.txt"
    score.write_text("0 /mnote 60 100\n0.5 /mnote/rel 60\n")
    out = tmp_path / "out.wav"
    told = command("render", score, "-o", out, "--samplerate", 48000, "--channels", 1, *model_options)
    assert told.returncode == 0
    facts = soundfile.info(out)
    assert (facts.samplerate, facts.channels, facts.subtype) == (48000, 1, "FLOAT")
    assert told.stdout == f"{out}: {facts.duration:.2f} s\n"


def test_render_plays_in_the_scale_that_is_named_or_of_a_file(model_options, tmp_path):
    score, own = tmp_path / "score.txt", tmp_path / "own.scl"
    score.write_text("0 /mnote 63 100\n1 /mnote/rel 63\n")
    own.write_text("three steps\n 3\n 5/4\n 3/2\n 2/1\n")
    for scale, cents in (("19-edo", 3 * 1200 / 19), (own, 1200.0)):
        out = tmp_path / "out.wav"
        told = command("render", score, "-o", out, "--scale", scale, *model_options)
        assert told.returncode == 0, told.stderr
        signal, samplerate = soundfile.read(out)
        spectrum = np.abs(np.fft.rfft(signal[8820:41588, 0] * np.hanning(32768), 1 << 20))
        wanted = note_to_hz(60 + cents / 100)
        assert spectrum.argmax() * samplerate / (1 << 20) == pytest.approx(wanted, rel=3e-4)


@pytest.fixture
def other_user(tmp_path):
    """Options with a folder that is closed, as a system service leaves its own, and what makes us somebody else."""
    folder = tmp_path / "closed"
    (folder / "sounds").mkdir(parents=True)
    small_decoder_file(folder / "sounds", "hidden")
    options = [f"{section}.folders=['{folder / 'sounds'}']" for section in ("model", "tuning")]
    become = "os.setgroups([]); os.setgid(65534); os.setuid(65534)" if os.geteuid() == 0 else ""
    # What a command needs is imported before, since the other user may not even see this checkout.
    needed = "encodings.idna, encodings.utf_8_sig, termios, tty, manned.render, manned.service.inputs, soundfile"
    before = f"import {needed}; {become}"
    if become:
        for parent in tmp_path.parents:
            if parent == Path(tempfile.gettempdir()):
                break
            parent.chmod(0o711)
        tmp_path.chmod(0o777)
    folder.chmod(0o700 if become else 0)
    yield [word for option in options for word in ("--set", option)], before
    folder.chmod(0o700)


def test_models_passes_over_a_folder_that_is_closed(other_user):
    options, before = other_user
    done = in_process("models", *options, before=before)
    assert "Traceback" not in done.stderr
    assert done.stdout.startswith("* atlas ") and "hidden" not in done.stdout


def test_render_passes_over_folders_that_are_closed(other_user, tmp_path):
    options, before = other_user
    score = tmp_path / "score.txt"
    score.write_text("0 /mnote 60 100\n0.1 /mnote/rel 60\n")
    done = in_process("render", score, "-o", tmp_path / "out.wav", "--scale", "just", *options, before=before)
    assert "Traceback" not in done.stderr
    assert soundfile.info(tmp_path / "out.wav").frames > 0


def test_run_passes_over_folders_that_are_closed(other_user, running):
    options, before = other_user
    taken = ("--set", f"osc.port={running.port}")
    done = in_process("run", "--device", "none", *taken, "--set", "midi.api=none", *options, before=before)
    assert "Traceback" not in done.stderr
    assert "in use" in done.stderr  # so it found a model


def test_models_lists_what_can_be_played_and_says_what_cannot(model_options, tmp_path):
    (tmp_path / "models" / "broken.safetensors").write_bytes(b"no decoder")
    save_harmonic_decoder(told_decoder(), tmp_path / "models" / "pitched.safetensors")
    told = command("models", *model_options)
    assert told.returncode == 0
    lines = {line[2:].split()[0]: line for line in told.stdout.splitlines()}
    assert lines["small"].startswith("* small") and "spectrum, 2 latents, octaves 2 to 6, licence MIT" in lines["small"]
    assert "cannot be used" in lines["broken"]
    assert lines["pitched"].endswith("harmonic, 2 latents")


def test_devices_shows_outputs_by_host_api_and_marks_the_one_that_would_be_taken(jack_server):
    told = command("devices", "--set", "midi.api=jack")
    assert told.returncode == 0
    outputs, _, inputs = told.stdout.partition("MIDI inputs")
    assert "JACK Audio Connection Kit" in outputs
    assert sum(line.startswith("  *") for line in outputs.splitlines()) == 1
    assert "44100 Hz" in next(line for line in outputs.splitlines() if line.startswith("  *"))
    assert inputs.startswith(" (JACK)")


def test_a_device_that_is_not_there_is_named_after_the_list(jack_server):
    told = command("devices", "--set", "audio.device=scarlett", "--set", "midi.api=none")
    assert told.returncode == 1
    assert "Audio outputs" in told.stdout
    assert "audio device 'scarlett': not there" in told.stderr


@pytest.fixture
def bank(tmp_path, model_options):
    """A state folder with two presets and a damaged one, and the options that make a command use it alone."""
    folder = PresetFolder(tmp_path / "state" / "presets")
    values = {"env/attack": 0.0, "env/release": 0.05}
    for name, latent, kinds in (("bells/Glass", 0.1, ("bells", "bright")), ("Mud", 0.9, ("bass",))):
        made = Preset(name, "small", 2, {"latent/1": latent, **values}, whole=True, author="me", kinds=kinds)
        folder.write(made)
    (folder.folder / "torn.json").write_text("{")
    return (*model_options, "--set", f"state.folder={tmp_path / 'state'}", "--set", "state.factory=false")


def test_presets_are_a_table_by_kind_and_damaged_ones_are_named(bank):
    told = command("presets", *bank)
    assert told.stdout.splitlines() == [
        "bass", "  Mud          bass           me  small", "bells", "  bells/Glass  bells, bright  me  small"
    ]  # fmt: skip
    assert told.stderr.startswith("cannot be used: preset ") and "torn.json" in told.stderr
    assert command("presets", "--kind", "BRIGHT", *bank).stdout.splitlines()[0] == "bells"
    told = command("presets", "--kind", "brass", *bank)
    assert told.returncode == 1
    assert told.stderr == "manned: presets: none is of the kind 'brass', allowed are bass, bells, bright\n"


def test_presets_are_listed_without_the_engine(bank):
    assert "manned.engine" not in imported(in_process("presets", *bank))


def test_the_presets_that_come_with_the_program_are_listed(tmp_path):
    told = command("presets", "--set", f"state.folder={tmp_path}")
    assert told.returncode == 0 and "bells/Celesta" in told.stdout


def test_a_demo_plays_each_preset_at_the_time_that_it_tells(bank, tmp_path):
    out = tmp_path / "bank.wav"
    told = command("presets", "--demo", out, *bank)
    assert told.returncode == 0, told.stderr
    lines = re.findall(r"(\d+):([\d.]+)  (.+)", told.stdout)
    assert [name for _, _, name in lines] == ["Mud", "bells/Glass"]
    sound, rate = soundfile.read(out)
    starts = [round((60 * int(minutes) + float(seconds)) * rate) for minutes, seconds, _ in lines]
    for start, end in zip(starts, (*starts[1:], len(sound))):
        assert abs(sound[start : start + rate // 10]).max() > 0.01
        assert not sound[end - rate // 10 : end].any()


def test_render_plays_on_a_preset_from_the_first_sample(bank, tmp_path):
    (tmp_path / "score.txt").write_text("0 /mnote 60 100\n0.3 /mnote/rel 60\n")
    settings = "0 /latents 0.1 0.5\n0 /env/attack 0\n0 /env/release 0.05\n"
    (tmp_path / "same.txt").write_text(settings + "0 /mnote 60 100\n0.3 /mnote/rel 60\n")
    for name, more in (("score", ("--preset", "bells/Glass")), ("same", ("--set", "start.glide=0"))):
        told = command("render", tmp_path / f"{name}.txt", "-o", tmp_path / f"{name}.wav", *more, *bank)
        assert told.returncode == 0, told.stderr
    np.testing.assert_array_equal(*(soundfile.read(tmp_path / f"{name}.wav")[0] for name in ("score", "same")))
    told = command("render", tmp_path / "score.txt", "-o", tmp_path / "no.wav", "--preset", "lost", *bank)
    assert (told.returncode, told.stderr) == (1, "manned: preset 'lost': no such preset\n")
