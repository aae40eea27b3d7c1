import re
from pathlib import Path

import pytest

from manned.config import load_config
from manned.errors import ConfigError
from manned.settings import default_file, sources
from manned.table.bindings import DEFAULT_BINDINGS, Bindings

SHIPPED = Path(__file__).parent.parent / "configs" / "manned.toml"


@pytest.fixture(autouse=True)
def nobody_has_settings(tmp_path, monkeypatch):
    """A machine without settings of the system or the user; both files are ours to write."""
    monkeypatch.setattr(sources, "SYSTEM_FILE", tmp_path / "system.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "manned").mkdir(parents=True)


def write(path, text):
    path.write_text(text)
    return path


def refused(*overrides, **options):
    with pytest.raises(ConfigError) as error:
        load_config(overrides=overrides, **options)
    assert error.value.exit_code == 78
    return str(error.value)


def test_the_shipped_file_is_the_table_of_settings():
    assert SHIPPED.read_text() == default_file()


def test_every_line_of_the_shipped_file_is_a_default_and_valid(tmp_path):
    text = re.sub(r"^#(?=\S+ = )", "", default_file(), flags=re.MULTILINE)
    loaded = load_config(write(tmp_path / "all.toml", text))
    assert loaded.start.pop("gain/db") == pytest.approx(-3.098, abs=1e-3)
    assert loaded.start["env/attack"] == 0.003
    defaults = load_config()
    for section in ("audio", "osc", "midi", "model", "tuning", "log"):
        assert getattr(loaded, section) == getattr(defaults, section)


def test_nothing_is_changed_by_the_shipped_file_as_it_is():
    assert load_config(SHIPPED) == load_config()


def test_later_sources_win(tmp_path, monkeypatch):
    def port(config_file=None, overrides=()):
        return load_config(config_file, overrides).osc.port

    assert port() == 57130
    write(tmp_path / "system.toml", "[osc]\nport = 1001\nhost = '0.0.0.0'\n")
    assert port() == 1001
    write(tmp_path / "home/manned/manned.toml", "[osc]\nport = 1002\n")
    assert port() == 1002
    own = write(tmp_path / "own.toml", "[osc]\nport = 1003\n")
    assert port(own) == 1003
    monkeypatch.setenv("MANNED_OSC_PORT", "1004")
    assert port(own) == 1004
    assert port(own, ["osc.port=1005"]) == 1005
    assert load_config(own).osc.host == "0.0.0.0"
    assert len(load_config(own).files) == 3


def test_reading_again_sees_the_changed_file(tmp_path):
    own = write(tmp_path / "own.toml", "[osc]\nport = 1003\n")
    loaded = load_config(own, ["log.level=debug"])
    write(own, "[osc]\nport = 1004\n")
    assert loaded.reload().osc.port == 1004
    assert loaded.reload().log.level == "debug"


@pytest.mark.parametrize(
    ("override", "section", "key", "value"),
    [
        ("audio.device=Scarlett 2i2, ALSA", "audio", "device", "Scarlett 2i2, ALSA"),
        ("audio.device=3", "audio", "device", "3"),
        ("audio.latency=0.01", "audio", "latency", 0.01),
        ("audio.samplerate=0", "audio", "samplerate", 0),
        ("osc.enabled=false", "osc", "enabled", False),
        ("midi.ports=nano*, Keystation", "midi", "ports", ["nano*", "Keystation"]),
        ('midi.ports=["a, b"]', "midi", "ports", ["a, b"]),
        ("midi.channels=1,10", "midi", "channels", [1, 10]),
        ("model.name=true", "model", "name", "true"),
        ("tuning.scale=19-edo", "tuning", "scale", "19-edo"),
        ("midi.pressure=level", "midi", "pressure", "level"),
    ],
)
def test_texts_become_the_values_that_a_file_would_hold(override, section, key, value):
    assert getattr(getattr(load_config(overrides=[override]), section), key) == value


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("MANNED_START_GLIDE", "0.1", "glide", 0.1),
        ("MANNED_START_ENV_ATTACK", "2", "env/attack", 2.0),
        ("MANNED_START_LATENT_2", "0.25", "latent/2", 0.25),
        ("MANNED_START_CHROMA", "F#", "chroma", 6),
        ("MANNED_START_HOP", "1024", "hop", "1024"),
        ("MANNED_START_GATE", "true", "gate", True),
    ],
)
def test_start_values_come_from_the_environment_too(variable, text, name, value):
    assert load_config(environment={variable: text}).start == {name: value}


def test_controllers_are_bound_and_unbound_on_top_of_the_defaults(tmp_path):
    own = write(tmp_path / "own.toml", '[midi.cc]\n74 = "env/attack"\n1 = ""\n"10:20" = "gain"\n"9:74" = ""\n')
    bindings = Bindings(load_config(own).midi.cc)
    assert [bindings.find(channel, 74) for channel in (8, 9, 10)] == ["env/attack", None, "env/attack"]
    assert bindings.find(10, 20) == "gain"
    assert bindings.find(1, 1) is None
    assert bindings.find(1, 7) == DEFAULT_BINDINGS["7"]


def test_the_folders_of_data_are_where_xdg_says(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    library = load_config(overrides=["model.folders=~/mine, /srv/decoders"]).library
    assert library.decoder_folders == (Path("/home/me/mine"), Path("/srv/decoders"))
    assert library.scale_folders == (Path("/home/me/.local/share/manned/scales"), Path("/var/lib/manned/scales"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    library = load_config().library
    assert library.decoder_folders == (tmp_path / "manned/decoders", Path("/var/lib/manned/decoders"))
    assert library.scale_folders == (tmp_path / "manned/scales", Path("/var/lib/manned/scales"))


@pytest.fixture
def homeless(monkeypatch):
    """A user whose number has no account, and whose environment names no folder."""

    def no_account(uid):
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", no_account)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


def test_a_user_without_a_home_has_no_folder_that_is_called_tilde(homeless, tmp_path):
    config = load_config()
    assert config.library.decoder_folders == (Path("/var/lib/manned/decoders"),)
    with pytest.raises(ConfigError, match="state.folder is empty, and this user has no home: set HOME or state.folder"):
        _ = config.preset_folder
    with pytest.raises(ConfigError, match="state.folder is ~/mine, and this user has no home"):
        _ = load_config(overrides=["state.folder=~/mine"]).preset_folder
    assert load_config(overrides=[f"state.folder={tmp_path}"]).preset_folder == tmp_path / "presets"
    assert load_config(overrides=[f"state.folder={tmp_path}"]).gesture_folder == tmp_path / "gestures"
    assert load_config(overrides=[f"state.folder={tmp_path}"]).library.gesture_folders == (tmp_path / "gestures",)


def test_an_unknown_key_names_the_nearest_one(tmp_path):
    own = write(tmp_path / "own.toml", "[audio]\nsamplrate = 48000\n")
    said = refused(config_file=own)
    assert said == f"config {own}: unknown key audio.samplrate, the nearest known one is audio.samplerate"
    assert "nearest known one is osc.port" in refused("ocs.port=3")
    assert "nearest known one is start.env/attack" in refused("start.env/atack=3")
    assert "nearest known one is audio.device" in refused(environment={"MANNED_AUDIO_DEVCE": "x"})


@pytest.mark.parametrize(
    ("override", "found", "allowed"),
    [
        ("osc.port=70000", "osc.port is 70000", "1–65535"),
        ("osc.port=true", "osc.port is true", "1–65535"),
        ("osc.enabled=perhaps", 'osc.enabled is "perhaps"', "true or false"),
        ("audio.samplerate=100", "audio.samplerate is 100", "8000–192000 Hz or 0 (the device's own)"),
        ("audio.latency=tiny", 'audio.latency is "tiny"', '"low" or "high" or a number 0.001–2 s'),
        ("audio.latency=nan", "audio.latency is nan", "0.001–2 s"),
        ("midi.channels=0,1", "midi.channels is [0, 1]", "1–16"),
        ("midi.cc.200=gain", "'200' is no controller", "0–119"),
        ("midi.cc.20=gian", "'gian' is no parameter", "gain"),
        ("midi.cc=20", "midi.cc is", "[midi.cc]"),
        ("midi.mpe=on", 'midi.mpe is "on"', '"off" or "lower" or "upper" or "both"'),
        ("midi.pressure=latent/65", 'midi.pressure is "latent/65"', '"latent/1" to "latent/64", "level", "pan"'),
        (
            "midi.timbre=level",
            'midi.timbre is "level"',
            '"latent/1" to "latent/64", "pan", "noise", "brightness", or ""',
        ),
        ("start.glide=99", "start.glide is 99", "0–60 s"),
        ("start.chroma=H", 'start.chroma is "H"', "0–11 or a name, C C# D"),
        ("start.hop=300", "start.hop is 300", "512, 1024, 256"),
        ("start.phase=loud", 'start.phase is "loud"', "peaks"),
        ("log.level=loud", 'log.level is "loud"', '"warning"'),
        ("osc.port", "osc.port", "section.key=value"),
    ],
)
def test_a_bad_value_is_refused_with_key_value_and_range(override, found, allowed):
    message = refused(override)
    assert "--set" in message and found in message and allowed in message


def test_a_bad_value_names_its_file(tmp_path):
    own = write(tmp_path / "own.toml", "[osc]\nport = 'x'\n")
    assert refused(config_file=own).startswith(f'config {own}: osc.port is "x"')


def test_a_file_that_is_no_toml_is_refused_with_the_place(tmp_path):
    own = write(tmp_path / "own.toml", "[osc\nport = 3\n")
    assert re.search(rf"config {own}: cannot be read .*not valid TOML: .*line 1", refused(config_file=own))


def test_a_file_asked_for_must_exist(tmp_path):
    assert "cannot be read (No such file" in refused(config_file=tmp_path / "nowhere.toml")


def test_other_variables_of_the_environment_are_none_of_our_business():
    assert load_config(environment={"MANNED_HOME": "/srv", "MANNEDOSC_PORT": "3"}) == load_config(environment={})
