"""ZynAddSubFX: additive and subtractive synthesis, one of its factory instruments."""

from __future__ import annotations

from manned.control.osc.packet import write_message

from .peer import Osc, Peer

INSTRUMENT = "/usr/share/zynaddsubfx/banks/Organ/0001-Organ 1.xiz"

PEER = Peer(
    name="ZynAddSubFX",
    sound="Organ 1 of its banks",
    program="zynaddsubfx",
    package="zynaddsubfx, zynaddsubfx-data",
    command=("zynaddsubfx", "-U", "-I", "jack", "-O", "jack", "-P", "{osc_port}", "-L", INSTRUMENT),
    outputs="^zynaddsubfx.*:out",
    keys="^zynaddsubfx.*:midi_input",
    osc=Osc(
        note_on=lambda key: write_message("/noteOn", 0, key, 100),
        note_off=lambda key: write_message("/noteOff", 0, key),
        move=lambda place: write_message("/setController", 0, 74, round(place * 127)),
        prepare=lambda: [write_message("/part0/Pkeylimit", 60)],
    ),
    version=("zynaddsubfx", "--version"),
)
