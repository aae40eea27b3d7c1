"""PortAudio beside a JACK server, beside ALSA devices of our own, and without any device."""

from pathlib import Path

import pytest

from manned.audio.portaudio import PortAudioBackend

ALSA_CONFIG = Path("/usr/share/alsa/alsa.conf")


@pytest.fixture
def portaudio(monkeypatch, tmp_path):
    """The back end; a function sets what ALSA has, and whether a JACK server is found."""
    backend = PortAudioBackend()
    settings = tmp_path / "asound.conf"
    without_plugins = ALSA_CONFIG.read_text().replace("/conf.d", "/nowhere").replace("~/.asoundrc", "/nowhere")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(settings))

    def look(alsa="", jack=None):
        settings.write_text(f"{without_plugins}\n{alsa}\n")
        monkeypatch.setenv("JACK_DEFAULT_SERVER", jack or "manned-test-none")
        backend.rescan()
        return backend

    yield look
    backend.terminate()


@pytest.fixture
def no_devices(portaudio):
    """PortAudio without any sound device and without a JACK server."""
    backend = portaudio()
    if backend.devices():
        pytest.skip("this machine has sound devices")
    return backend


@pytest.fixture
def jack_devices(jack_server, portaudio):
    """PortAudio that sees the JACK server; let go of before the server ends."""
    return portaudio(jack=jack_server.name)
