import threading

import jack
import numpy as np
import pytest
from alsa_plugins import ALSA_PLUGINS
from native import Ramp

from manned.audio.backend import BackendError


def record(frames):
    """What `manned` plays into JACK: float32 array [frames, 2], from the moment the stream is connected."""
    client = jack.Client("manned-test-recorder")
    ports = [client.inports.register(f"in_{number}") for number in (1, 2)]
    blocks = []
    connected, full = threading.Event(), threading.Event()

    @client.set_process_callback
    def process(count):
        if connected.is_set() and not full.is_set():  # when it leaves, it is disconnected port by port
            blocks.append(np.stack([port.get_array().copy() for port in ports], axis=1))
        if len(blocks) * count >= frames:
            full.set()

    with client:
        for number, port in enumerate(ports):
            client.connect(f"manned:out_{number}", port)
        connected.set()
        assert full.wait(20.0)
    heard = np.concatenate(blocks)
    return heard[np.flatnonzero(heard.all(axis=1))[0] :]  # from when JACK has made both connections


def test_a_native_callback_plays_every_frame_once_and_on_every_channel(jack_devices):
    ramp = Ramp()
    stream = jack_devices.open(jack_devices.choose("jack"), ramp.callback, 44100)
    stream.start()
    heard = record(20_000)
    stream.close()
    np.testing.assert_array_equal(heard[:, 0], heard[:, 1])
    numbers = heard[:, 0] * 2**20
    assert set(np.diff(numbers[numbers > 0])) == {1.0}
    assert ramp.last_blocksize == 64


def test_a_block_size_of_our_own_is_kept(jack_devices):
    ramp = Ramp()
    stream = jack_devices.open(jack_devices.choose("jack"), ramp.callback, 44100, blocksize=256)
    stream.start()
    record(4_000)
    stream.close()
    assert ramp.last_blocksize == 256
    assert ramp.clock == 256 * ramp.blocks


@pytest.mark.parametrize("alsa", ["", ALSA_PLUGINS])
def test_jack_shows_the_stream_under_the_name_of_the_program(portaudio, jack_server, alsa):
    ramp = Ramp()
    jack_devices = portaudio(alsa, jack=jack_server.name)
    stream = jack_devices.open(jack_devices.choose("jack"), ramp.callback, 44100)
    stream.start()
    client = jack.Client("manned-test-look")
    names = [port.name for port in client.get_ports("manned:.*", is_output=True)]
    client.close()
    stream.close()
    assert names == ["manned:out_0", "manned:out_1"]


def test_a_stream_knows_its_rate_and_a_sensible_latency(jack_devices):
    stream = jack_devices.open(jack_devices.choose("jack"), Ramp().callback, 44100)
    assert (stream.samplerate, stream.realtime) == (44100, False)
    assert 0.0 <= stream.latency_s < 1.0
    stream.close()


def test_a_rate_that_the_device_refuses_is_said(jack_devices):
    with pytest.raises(BackendError, match="^audio device system, JACK.*: it does not open .Invalid sample rate"):
        jack_devices.open(jack_devices.choose("jack"), Ramp().callback, 22050)
