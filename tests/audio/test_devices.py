import pytest

from manned.audio.devices import choose_device, list_devices
from manned.errors import AudioError


def test_an_empty_setting_takes_jack_while_a_server_runs(jack_devices):
    device = choose_device("")
    assert (device.name, device.hostapi) == ("system", jack_devices.JACK)
    assert device.default


def test_the_list_tells_rate_and_channels(jack_devices, jack_server):
    device = list_devices()[0]
    assert (device.samplerate, device.channels) == (jack_server.samplerate, 2)


@pytest.mark.parametrize("wanted", ["system", "SYSTEM", "sys", "jack", "system, jack audio connection kit"])
def test_a_device_is_found_by_name_by_part_and_by_host_api(jack_devices, wanted):
    assert choose_device(wanted).name == "system"


def test_a_device_is_found_by_number(jack_devices):
    device = list_devices()[0]
    assert choose_device(str(device.index)) == device


def test_a_missing_device_is_never_replaced_and_the_error_names_what_is_there(jack_devices):
    with pytest.raises(AudioError, match="'Scarlett': not there, found: system, JACK"):
        choose_device("Scarlett")


def test_a_text_that_means_several_devices_is_refused(jack_devices):
    import jack

    with jack.Client("manned-other-system") as other:
        other.inports.register("in")
        jack_devices.rescan()
        with pytest.raises(AudioError, match="means several devices"):
            choose_device("e")
        assert choose_device("system").name == "system"


def test_without_any_device_an_empty_setting_means_none(no_devices):
    assert choose_device("") is None


def test_without_any_device_a_name_is_an_error(no_devices):
    with pytest.raises(AudioError, match="found: none at all"):
        choose_device("system")
