"""``manned render``: a score into a sound file."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from ..files import shown
from ..limits import DEVICE_RATES
from . import complete
from .first_start import tell_compiling
from .options import config_options, configured


@click.command()
@click.argument("score", type=click.Path())
@click.option("-o", "--output", metavar="FILE", type=click.Path(), required=True, help="Sound file to write.")
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=complete.models,
    help="Decoder to play: a name from `manned models`, or a file.",
)
@click.option(
    "--preset",
    metavar="NAME",
    shell_complete=complete.presets,
    help="Preset to play it on, with the model that it was made on.",
)
@click.option(
    "--scale",
    metavar="NAME",
    shell_complete=complete.scales,
    help="Scala scale to play in: a shipped one such as `just`, or a .scl file.",
)
@click.option("--samplerate", type=click.IntRange(*DEVICE_RATES), help="In Hertz.  [default: the config's, else 44100]")
@click.option("--channels", type=click.IntRange(1, 64), help="Left and right by turns.  [default: the config's: 2]")
@click.option(
    "--tail", metavar="SECONDS", type=click.FloatRange(0, 3600), default=60.0, show_default=True,
    help="At most this much after the last event; the file ends where silence begins.",
)  # fmt: skip
@click.option("--drums", is_flag=True, help="Play channel 10 of a MIDI file too, which holds drums as a rule.")
@click.option("--keep-going", is_flag=True, help="Leave out what cannot be played, with a line each, and go on.")
@config_options
def render(
    score: str,
    output: str,
    model: str | None,
    preset: str | None,
    scale: str | None,
    samplerate: int | None,
    channels: int | None,
    tail: float,
    drums: bool,
    keep_going: bool,
    config_file: str | None,
    overrides: tuple[str, ...],
) -> None:
    """Play SCORE into a sound file, faster than real time.

    SCORE is a standard MIDI file, or a text file of lines `seconds /address arguments…`. The result is, sample for
    sample, what `manned run --score` plays at the same sample rate in blocks of at most 256 frames.

    \b
    Examples:
      manned render examples/tune.mid -o tune.wav
      manned render examples/tune.mid -o tune.wav --preset keys/Felt
      manned render examples/drone.txt -o drone.flac --set start.glide=2
    """
    tell_compiling()
    from ..control.score import Score

    config = configured(
        config_file,
        overrides,
        model_name=model,
        tuning_scale=scale,
        audio_samplerate=samplerate,
        audio_channels=channels,
    )
    loaded = Score.load(score, drums or config.midi.mpe != "off")
    logging.basicConfig(format="manned: %(message)s")
    logging.getLogger("manned").setLevel(logging.INFO)
    for remark in loaded.remarks:
        click.echo(f"manned: {remark}", err=True)
    from ..render import render as render_score

    if preset is not None and model is None:
        from ..config import with_model_of

        config = with_model_of(config, preset)

    with click.progressbar(length=1000, label=f"Rendering {shown(Path(score).name)}", file=sys.stderr) as bar:
        rendered = render_score(
            loaded,
            output,
            config,
            tail,
            lambda part: bar.update(int(part * 1000) - bar.pos),
            preset,
            keep_going,
        )
    if rendered.left_out:
        click.echo(f"manned: {rendered.left_out} entries were left out, too many at the same time", err=True)
    if rendered.failures:
        click.echo(f"manned: {rendered.failures} entries could not be played and were left out", err=True)
    click.echo(f"{shown(output)}: {rendered.seconds:.2f} s")
