"""Which controller moves what."""

import pytest

from manned.errors import ConfigError
from manned.table.bindings import DEFAULT_BINDINGS, PRESSURE, Bindings
from manned.table.macros import MACRO_NAMES


def test_a_controller_is_bound_on_every_channel():
    bindings = Bindings({"20": "latent/2"})
    assert [bindings.find(channel, 20) for channel in (1, 16)] == ["latent/2", "latent/2"]
    assert bindings.find(1, 21) is None


def test_a_binding_of_one_channel_goes_before_one_of_all():
    bindings = Bindings({"20": "latent/2", "10:20": "env/attack"})
    assert bindings.find(10, 20) == "env/attack"
    assert bindings.find(9, 20) == "latent/2"


def test_an_empty_binding_unbinds_on_its_channel_alone_or_everywhere():
    bindings = Bindings({"74": "latent/2", "10:74": "", "3:pressure": "", "pressure": "gain", "1": "", "2:1": "gain"})
    assert [bindings.find(channel, 74) for channel in (9, 10, 11)] == ["latent/2", None, "latent/2"]
    assert [bindings.find(channel, PRESSURE) for channel in (2, 3)] == ["gain", None]
    assert [bindings.find(channel, 1) for channel in (1, 2)] == [None, "gain"]


def test_channel_pressure_is_bound_like_a_controller():
    bindings = Bindings({"pressure": "latent/2", "3:pressure": "vibrato/depth"})
    assert bindings.find(1, PRESSURE) == "latent/2"
    assert bindings.find(3, PRESSURE) == "vibrato/depth"
    assert Bindings({}).find(1, PRESSURE) is None


def test_the_defaults_are_valid_and_keep_the_standard_meaning_of_volume_and_expression():
    bindings = Bindings(DEFAULT_BINDINGS)
    assert bindings.find(1, 1) == "macro/3"
    assert [bindings.find(1, controller) for controller in range(21, 29)] == list(MACRO_NAMES)
    assert bindings.find(1, 7) == "gain"
    assert bindings.find(1, 11) == "expression"
    assert bindings.find(1, 5) == "portamento"


@pytest.mark.parametrize(
    "key",
    ["128", "120", "-1", "", "mod", "1.5", "0:20", "17:20", "x:20", ":20", "1:2:3", "²", "Pressure", "17:pressure"],
)
def test_what_is_no_controller_is_named_with_what_is_allowed(key):
    with pytest.raises(ConfigError) as error:
        Bindings({key: "latent/1"})
    assert repr(key) in str(error.value)
    assert "0–119" in str(error.value)


@pytest.mark.parametrize(
    ("name", "nearest"), [("env/atack", "env/attack"), ("latent/65", "latent/"), ("Gain", "gain"), (7, "")]
)
def test_a_misspelt_parameter_is_named_with_its_key_and_the_nearest_one(name, nearest):
    with pytest.raises(ConfigError) as error:
        Bindings({"74": name})
    assert "midi.cc.74" in str(error.value)
    assert f"{name!r} is no parameter" in str(error.value)
    assert f"nearest is '{nearest}" in str(error.value)
