"""fluidsynth: a sampler. It plays a held sound of FluidR3 without reverb and chorus, so that notes end in silence."""

from __future__ import annotations

from .peer import Peer

SOUNDFONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
OPTIONS = "-q -s -i -R 0 -C 0 -a jack -m jack -g 1 -r {samplerate} -o shell.port={osc_port}"

PEER = Peer(
    name="fluidsynth",
    sound="FluidR3, program 81, square wave",
    program="fluidsynth",
    package="fluidsynth, fluid-soundfont-gm",
    command=("fluidsynth", *OPTIONS.split(), SOUNDFONT),
    outputs="^fluidsynth.*:(left|right)",
    keys="^fluidsynth.*:midi",
    program_change=80,
    version=("fluidsynth", "-V"),
)
