"""The definition of scsynth's voice in its own file format (SuperCollider's "Synth Definition File Format", version 2).

A saw through a low-pass of 12 dB an octave, times an envelope that frees the voice at its end::

    Out.ar(0, LPF.ar(Saw.ar(freq), cutoff) * EnvGen.kr(Env.adsr(0.001, 0.1, 0.7, 0.01), gate, doneAction: 2) ! 2)
"""

from __future__ import annotations

import struct

CONTROL, AUDIO = 1, 2
MULTIPLY = 2
FREE_SELF = 2.0
PARAMETERS = {"freq": 440.0, "gate": 1.0, "cutoff": 2000.0}
_LINEAR = 1.0
_CONTROLS, _SAW, _FILTER, _ENVELOPE, _PRODUCT = range(5)
_ENV = (0.0, 3.0, 2.0, -99.0, 1.0, 0.001, _LINEAR, 0.0, 0.7, 0.1, _LINEAR, 0.0, 0.0, 0.01, _LINEAR, 0.0)
"""Level at first, stages, the stage to wait in, no loop; then level, seconds, shape and curve of each stage."""

Input = tuple[int, int]


def voice() -> bytes:
    """The definition of the voice, to be sent by ``/d_recv``."""
    constants: list[float] = []

    def constant(value: float) -> Input:
        if value not in constants:
            constants.append(value)
        return -1, constants.index(value)

    freq, gate, cutoff = ((_CONTROLS, index) for index in range(3))
    envelope = [gate, constant(1.0), constant(0.0), constant(1.0), constant(FREE_SELF), *map(constant, _ENV)]
    units = [
        _unit("Control", CONTROL, [], 3),
        _unit("Saw", AUDIO, [freq], 1),
        _unit("LPF", AUDIO, [(_SAW, 0), cutoff], 1),
        _unit("EnvGen", CONTROL, envelope, 1),
        _unit("BinaryOpUGen", AUDIO, [(_FILTER, 0), (_ENVELOPE, 0)], 1, MULTIPLY),
        _unit("Out", AUDIO, [constant(0.0), (_PRODUCT, 0), (_PRODUCT, 0)], 0),
    ]
    names = b"".join(_text(name) + struct.pack(">i", index) for index, name in enumerate(PARAMETERS))
    return b"".join(
        [
            b"SCgf" + struct.pack(">ih", 2, 1) + _text("voice"),
            struct.pack(f">i{len(constants)}f", len(constants), *constants),
            struct.pack(">i3f", len(PARAMETERS), *PARAMETERS.values()),
            struct.pack(">i", len(PARAMETERS)) + names,
            struct.pack(">i", len(units)) + b"".join(units),
            struct.pack(">h", 0),
        ]
    )


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _unit(name: str, rate: int, inputs: list[Input], outputs: int, special: int = 0) -> bytes:
    head = _text(name) + struct.pack(">biih", rate, len(inputs), outputs, special)
    return head + b"".join(struct.pack(">ii", *each) for each in inputs) + bytes([rate] * outputs)
