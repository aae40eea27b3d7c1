"""A small offline host for DSSI synthesizers (LADSPA plugins that take notes), through ctypes.

The structures are those of ``ladspa.h`` and ``dssi.h`` (API version 1) and of
ALSA's ``snd_seq_event_t``; nothing of ALSA itself is needed.
"""

import ctypes
from pathlib import Path

import numpy as np

from manned.errors import CorpusError

NOTE_ON = 6  # SND_SEQ_EVENT_NOTEON
NOTE_OFF = 7  # SND_SEQ_EVENT_NOTEOFF

_PORT_INPUT, _PORT_OUTPUT, _PORT_CONTROL, _PORT_AUDIO = 1, 2, 4, 8

_handle = ctypes.c_void_p
_float_pointer = ctypes.POINTER(ctypes.c_float)


class _Event(ctypes.Structure):
    """``snd_seq_event_t`` of a note: ``tick`` is the frame within the block."""

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
        ("duration", ctypes.c_uint32),
        ("data_padding", ctypes.c_uint32),
    ]


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
            ctypes.CFUNCTYPE(None, _handle, ctypes.c_ulong, ctypes.POINTER(_Event), ctypes.c_ulong),
        ),
    ]


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

    def __init__(self, path: Path, samplerate: int):
        try:
            library = ctypes.CDLL(str(path))
            find = library.dssi_descriptor
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
            Mean of the plugin's outputs.
        """
        sounds = np.zeros((len(self._audio_ports), frames), dtype=np.float32)
        values = np.array([controls[name] for name in self.controls], dtype=np.float32)
        instance = self._ladspa.instantiate(ctypes.cast(self._descriptor.contents.ladspa, ctypes.c_void_p),
                                            self._samplerate)
        try:
            for index, port in enumerate(self._control_ports.values()):
                self._ladspa.connect_port(instance, port, values[index:].ctypes.data_as(_float_pointer))
            for channel, port in enumerate(self._audio_ports):
                self._ladspa.connect_port(instance, port, sounds[channel].ctypes.data_as(_float_pointer))
            if self._ladspa.activate:
                self._ladspa.activate(instance)
            events = (_Event * 2)()
            for event, kind, tick in zip(events, (NOTE_ON, NOTE_OFF), (0, held)):
                event.type, event.tick, event.note, event.velocity = kind, tick, note, velocity
            self._dssi.run_synth(instance, frames, events, 2)
            if self._ladspa.deactivate:
                self._ladspa.deactivate(instance)
        finally:
            self._ladspa.cleanup(instance)
        return sounds.mean(axis=0)
