import jack
import pytest
from alsa_plugins import ALSA_PLUGINS

from manned.audio.backend import BackendError
from manned.audio.backends import choose_device
from manned.audio.portaudio.library import JACK
from manned.audio.silent import SilentBackend


def test_an_empty_setting_takes_jack_while_a_server_runs(jack_devices):
    device = jack_devices.choose("")
    assert (device.name, device.hostapi) == ("system", JACK)
    assert device.default


def test_the_list_tells_rate_and_channels(jack_devices, jack_server):
    device = jack_devices.devices()[0]
    assert (device.samplerate, device.channels) == (jack_server.samplerate, 2)


@pytest.mark.parametrize("wanted", ["system", "SYSTEM", "sys", "jack", "system, jack audio connection kit"])
def test_a_device_is_found_by_name_by_part_and_by_host_api(jack_devices, wanted):
    assert jack_devices.choose(wanted).name == "system"


def test_a_device_is_found_by_number(jack_devices):
    device = jack_devices.devices()[0]
    assert jack_devices.choose(str(device.index)) == device


def test_a_missing_device_is_never_replaced_and_the_error_names_what_is_there(jack_devices):
    with pytest.raises(BackendError, match="'Scarlett': not there, found: system, JACK"):
        jack_devices.choose("Scarlett")


def test_a_text_that_means_several_devices_is_refused(jack_devices):
    with jack.Client("manned-other-system") as other:
        other.inports.register("in")
        jack_devices.rescan()
        with pytest.raises(BackendError, match="means several devices"):
            jack_devices.choose("e")
        assert jack_devices.choose("system").name == "system"


@pytest.mark.parametrize("wanted", ["JACK", "jack", JACK])
def test_jack_is_the_sound_system_and_never_alsas_device_of_that_name(portaudio, jack_server, wanted):
    beside = portaudio(ALSA_PLUGINS, jack=jack_server.name)
    assert "jack, ALSA" in map(str, beside.devices())
    assert str(beside.choose(wanted)) == f"system, {JACK}"


@pytest.mark.parametrize("wanted", ["JACK", "OSS", "PulseAudio"])
def test_a_sound_system_that_is_not_there_is_never_replaced_by_a_device_of_its_name(portaudio, wanted):
    with pytest.raises(BackendError, match="not there, found: jack, ALSA; oss, ALSA; speakers, ALSA"):
        portaudio(ALSA_PLUGINS).choose(wanted)


def test_a_device_that_is_written_as_it_is_listed_is_that_very_device(portaudio, jack_server):
    beside = portaudio(ALSA_PLUGINS, jack=jack_server.name)
    assert str(beside.choose("jack, ALSA")) == "jack, ALSA"
    assert str(beside.choose("OSS, alsa")) == "oss, ALSA"


def test_the_first_word_of_a_sound_system_is_its_default_device(portaudio):
    devices = portaudio(ALSA_PLUGINS).devices()
    assert portaudio(ALSA_PLUGINS).choose("alsa") == next(device for device in devices if device.default)


def test_other_names_are_looked_for_in_all_sound_systems(portaudio, jack_server):
    assert str(portaudio(ALSA_PLUGINS, jack=jack_server.name).choose("speak")) == "speakers, ALSA"


def test_without_any_device_an_empty_setting_means_none(no_devices):
    assert no_devices.choose("") is None
    assert choose_device("") is None


def test_without_any_device_a_name_is_an_error(no_devices):
    with pytest.raises(BackendError, match="found: none at all"):
        no_devices.choose("system")


def test_none_is_the_silent_clock():
    assert isinstance(choose_device("none").backend, SilentBackend)


class OtherSystem(SilentBackend):
    """A back end as somebody may add one."""

    def __init__(self, wanted):
        self.wanted = wanted

    def choose(self, wanted):
        if wanted != self.wanted:
            raise BackendError(f"audio device {wanted!r}: not at {self.wanted}'s")
        return self.devices()[0]


def test_the_first_back_end_that_has_a_device_opens_it():
    here, there = OtherSystem("here"), OtherSystem("there")
    assert choose_device("there", (here, there)).backend is there
    with pytest.raises(BackendError, match="not at here's"):
        choose_device("nowhere", (here, there))
