"""A small offline host for DSSI synthesizers (LADSPA plugins that take notes), through ctypes.

The structures are those of ``ladspa.h`` and ``dssi.h`` (API version 1) and of
ALSA's ``snd_seq_event_t``; nothing of ALSA itself is needed.
"""

import _ctypes
import ctypes
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from manned.errors import CorpusError

_NOTE_ON, _NOTE_OFF, _CONTROLLER = 6, 7, 10  # SND_SEQ_EVENT_…
_ALL_SOUND_OFF = 120

_PORT_INPUT, _PORT_OUTPUT, _PORT_CONTROL, _PORT_AUDIO = 1, 2, 4, 8

_handle = ctypes.c_void_p
_float_pointer = ctypes.POINTER(ctypes.c_float)


class Event(ctypes.Structure):
    """``snd_seq_event_t``: ``tick`` is the frame within the block; a controller has its number and value at the end."""

    _fields_ = [
        ("type", ctypes.c_uint8),
        ("flags", ctypes.c_uint8),
        ("tag", ctypes.c_uint8),
        ("queue", ctypes.c_uint8),
        ("tick", ctypes.c_uint32),
        ("time_padding", ctypes.c_uint32),
        ("addresses", ctypes.c_uint8 * 4),
        ("channel", ctypes.c_uint8),
        ("note", ctypes.c_uint8),
        ("velocity", ctypes.c_uint8),
        ("off_velocity", ctypes.c_uint8),
        ("controller", ctypes.c_uint32),
        ("value", ctypes.c_int32),
    ]


def note_on(frame: int, note: int, velocity: int) -> Event:
    """A MIDI note that begins at a frame of the block."""
    return Event(type=_NOTE_ON, tick=frame, note=note, velocity=velocity)


def note_off(frame: int, note: int) -> Event:
    """The end of a MIDI note."""
    return Event(type=_NOTE_OFF, tick=frame, note=note)


def all_sound_off() -> Event:
    """What ends every sound at once, tails too."""
    return Event(type=_CONTROLLER, controller=_ALL_SOUND_OFF)


class _Ladspa(ctypes.Structure):
    _fields_ = [
        ("unique_id", ctypes.c_ulong),
        ("label", ctypes.c_char_p),
        ("properties", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("maker", ctypes.c_char_p),
        ("copyright", ctypes.c_char_p),
        ("port_count", ctypes.c_ulong),
        ("port_descriptors", ctypes.POINTER(ctypes.c_int)),
        ("port_names", ctypes.POINTER(ctypes.c_char_p)),
        ("port_range_hints", ctypes.c_void_p),
        ("implementation_data", ctypes.c_void_p),
        ("instantiate", ctypes.CFUNCTYPE(_handle, ctypes.c_void_p, ctypes.c_ulong)),
        ("connect_port", ctypes.CFUNCTYPE(None, _handle, ctypes.c_ulong, _float_pointer)),
        ("activate", ctypes.CFUNCTYPE(None, _handle)),
        ("run", ctypes.c_void_p),
        ("run_adding", ctypes.c_void_p),
        ("set_run_adding_gain", ctypes.c_void_p),
        ("deactivate", ctypes.CFUNCTYPE(None, _handle)),
        ("cleanup", ctypes.CFUNCTYPE(None, _handle)),
    ]


class _Dssi(ctypes.Structure):
    _fields_ = [
        ("api_version", ctypes.c_int),
        ("ladspa", ctypes.POINTER(_Ladspa)),
        ("configure", ctypes.c_void_p),
        ("get_program", ctypes.c_void_p),
        ("select_program", ctypes.c_void_p),
        ("get_midi_controller_for_port", ctypes.c_void_p),
        (
            "run_synth",
            ctypes.CFUNCTYPE(None, _handle, ctypes.c_ulong, ctypes.POINTER(Event), ctypes.c_ulong),
        ),
    ]


_FENV_BYTES = 256  # more than any system's fenv_t


class _FloatingPoint:
    """The plugin's own rules of floating point, which hold in this thread only inside of a ``with`` block.

    A library compiled with ``-ffast-math`` makes numbers below 1e-38 zero in the thread
    that loads it, for all that this thread does later.  The plugin sounds as it was made
    to, and whoever called it counts as before.
    """

    def __init__(self) -> None:
        self._system = ctypes.CDLL(None)
        self._ours = ctypes.create_string_buffer(_FENV_BYTES)
        self._theirs = ctypes.create_string_buffer(_FENV_BYTES)
        self._system.fegetenv(self._theirs)

    def __enter__(self) -> None:
        self._system.fegetenv(self._ours)
        self._system.fesetenv(self._theirs)

    def __exit__(self, *error) -> None:
        self._system.fegetenv(self._theirs)
        self._system.fesetenv(self._ours)


class Plugin:
    """The first synthesizer of a DSSI library.

    Parameters
    ----------
    path : Path
        The shared library.
    samplerate : int
        Hertz.

    Attributes
    ----------
    controls : list of str
        Names of the control inputs.
    """

    def __init__(self, path: Path, samplerate: int) -> None:
        self._floating_point = _FloatingPoint()
        try:
            with self._floating_point:
                self._library = ctypes.CDLL(str(path))
            find = self._library.dssi_descriptor
        except (OSError, AttributeError) as error:
            raise CorpusError(f"{path} is not a DSSI plugin: {error}") from error
        find.restype = ctypes.POINTER(_Dssi)
        find.argtypes = [ctypes.c_ulong]
        self._descriptor = find(0)
        if not self._descriptor:
            raise CorpusError(f"{path} is not a DSSI plugin: it describes no synthesizer")
        self._dssi = self._descriptor.contents
        self._ladspa = self._dssi.ladspa.contents
        self._samplerate = samplerate
        self._control_ports = {}
        self._audio_ports = []
        for port in range(self._ladspa.port_count):
            kind = self._ladspa.port_descriptors[port]
            if kind == _PORT_INPUT | _PORT_CONTROL:
                self._control_ports[self._ladspa.port_names[port].decode()] = port
            elif kind == _PORT_OUTPUT | _PORT_AUDIO:
                self._audio_ports.append(port)
        self.controls = list(self._control_ports)

    def close(self) -> None:
        """Let go of the library: opened again it begins anew, its random numbers too."""
        _ctypes.dlclose(self._library._handle)

    def play(self, controls: dict[str, float], note: int, velocity: int, held: int, frames: int) -> np.ndarray:
        """Render one note with a fresh instance, so that nothing of an earlier note sounds.

        Parameters
        ----------
        controls : dict
            A value for every name in `controls`.
        note, velocity : int
            MIDI note and velocity, 0..127.
        held : int
            Frames from the note-on (frame 0) to the note-off.
        frames : int
            Length of the sound.

        Returns
        -------
        np.ndarray [shape=(frames,), dtype=float32]
        """
        with Instance(self, controls) as instance:
            return instance.run(frames, [note_on(0, note, velocity), note_off(held, note)])


class Instance:
    """A synthesizer at work, until the end of its ``with`` block.

    Parameters
    ----------
    plugin : Plugin
    controls : dict
        A value for every name in ``plugin.controls``.
    """

    def __init__(self, plugin: Plugin, controls: dict[str, float]) -> None:
        self._dssi, self._ladspa = plugin._dssi, plugin._ladspa
        self._audio_ports = plugin._audio_ports
        self._floating_point = plugin._floating_point
        self._values = np.array([controls[name] for name in plugin.controls], dtype=np.float32)
        with self._floating_point:  # threads that the plugin starts take its rules over
            self._handle = self._ladspa.instantiate(ctypes.cast(self._dssi.ladspa, ctypes.c_void_p), plugin._samplerate)
        if not self._handle:
            raise CorpusError(f"the synthesizer {self._ladspa.name.decode()} cannot be started")
        for index, port in enumerate(plugin._control_ports.values()):
            self._ladspa.connect_port(self._handle, port, self._values[index:].ctypes.data_as(_float_pointer))

    def __enter__(self) -> "Instance":
        if self._ladspa.activate:
            self._ladspa.activate(self._handle)
        return self

    def __exit__(self, *error) -> None:
        if self._ladspa.deactivate:
            self._ladspa.deactivate(self._handle)
        self._ladspa.cleanup(self._handle)

    def run(self, frames: int, events: Sequence[Event] = ()) -> np.ndarray:
        """Render a block.

        Parameters
        ----------
        frames : int
        events : sequence of Event
            In the order of their frames.

        Returns
        -------
        np.ndarray [shape=(frames,), dtype=float32]
            Mean of the plugin's outputs.
        """
        sounds = np.zeros((len(self._audio_ports), frames), dtype=np.float32)
        for sound, port in zip(sounds, self._audio_ports):
            self._ladspa.connect_port(self._handle, port, sound.ctypes.data_as(_float_pointer))
        with self._floating_point:
            self._dssi.run_synth(self._handle, frames, (Event * max(1, len(events)))(*events), len(events))
        return sounds.mean(axis=0)
