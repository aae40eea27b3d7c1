"""``manned run``: the instrument itself."""

from __future__ import annotations

import os
import sys

import click

from . import complete
from .first_start import tell_compiling
from .options import config_options, configured


@click.command()
@config_options
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=complete.models,
    help="Decoder to start with: a name from `manned models`, or a file.",
)
@click.option(
    "--preset",
    metavar="NAME",
    shell_complete=complete.presets,
    help="Preset to start with, whatever state.start says.",
)
@click.option(
    "--scale",
    metavar="NAME",
    shell_complete=complete.scales,
    help="Scala scale to play in: a shipped one such as `just`, or a .scl file.",
)
@click.option("--device", metavar="NAME", help="Output: a name from `manned devices`, a part of one, or JACK.")
@click.option(
    "--record", metavar="FILE", type=click.Path(), help="Keep what is heard in this file; an older one stays."
)
@click.option("--score", metavar="FILE", type=click.Path(), help="Play this score (text or MIDI file) at the start.")
@click.option("--drums", is_flag=True, help="Play channel 10 of that MIDI file too, which holds drums as a rule.")
def run(
    config_file: str | None,
    overrides: tuple[str, ...],
    model: str | None,
    preset: str | None,
    scale: str | None,
    device: str | None,
    record: str | None,
    score: str | None,
    drums: bool,
) -> None:
    """Start the instrument (plain `manned` does the same).

    It plays until Ctrl+C. MIDI keyboards are found by themselves, OSC is listened for on port 57130 of this computer.

    \b
    Examples:
      manned run
      manned run --device JACK --record take.wav
      manned run --model mine --score examples/drone.txt
      manned run --preset keys/Grand
      manned run --scale 19-edo
      manned run --set osc.host=0.0.0.0 --set start.glide=2
    """
    # More threads of numpy's products would take time from the music, and wait for each other on a busy computer.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ..service.systemd import ServiceManager

    tell_compiling(status=ServiceManager().status)
    config = configured(
        config_file, overrides, model_name=model, tuning_scale=scale, audio_device=device, audio_record=record
    )
    loaded = None
    if score is not None:
        from ..control.score import Score

        loaded = Score.load(score, drums or config.midi.mpe != "off")
    from ..service.daemon import run as run_daemon

    sys.exit(run_daemon(config, loaded, preset))
