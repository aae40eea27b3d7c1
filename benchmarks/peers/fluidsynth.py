"""fluidsynth: a sampler. It plays a held sound of FluidR3 without reverb and chorus, so that notes end in silence."""

from __future__ import annotations

from .peer import Peer, Place

SOUNDFONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"


def _command(place: Place) -> list[str]:
    words = "fluidsynth -q -s -i -R 0 -C 0 -a jack -m jack -g 1".split()
    return [*words, "-r", str(place.samplerate), "-o", f"shell.port={place.osc_port}", SOUNDFONT]


PEER = Peer(
    name="fluidsynth",
    sound="FluidR3, program 81, square wave",
    program="fluidsynth",
    package="fluidsynth, fluid-soundfont-gm",
    command=_command,
    outputs="^fluidsynth.*:(left|right)",
    keys="^fluidsynth.*:midi",
    program_change=80,
    version=("fluidsynth", "-V"),
)
