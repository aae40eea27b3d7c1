"""PortAudio beside a JACK server, and without one."""

import pytest


@pytest.fixture
def no_devices(monkeypatch):
    """PortAudio without any sound device and without a JACK server."""
    from manned.audio import devices, portaudio

    monkeypatch.setenv("JACK_DEFAULT_SERVER", "manned-test-none")
    portaudio.rescan()
    if devices.list_devices():
        pytest.skip("this machine has sound devices")
    yield portaudio
    portaudio.sounddevice._terminate()


@pytest.fixture
def jack_devices(jack_server):
    """PortAudio that sees the JACK server; let go of before the server ends."""
    from manned.audio import portaudio

    portaudio.rescan()
    yield portaudio
    portaudio.sounddevice._terminate()
