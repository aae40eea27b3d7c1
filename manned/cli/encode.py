"""``manned encode``: where the timbres of a sound lie in a model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..files import shown
from .options import config_options, configured

if TYPE_CHECKING:
    from ..encode.trajectory import Trajectory
    from ..model.kinds import AnyDecoder

_ONE_PITCH = 0.5  # of the power, that one pitch ought to tell


@click.command()
@click.argument("sound", type=click.Path())
@click.option("--model", metavar="NAME", help="Model that is to say it: a name from `manned models`, or a file.")
@click.option("--preset", metavar="NAME", help="Keep the mean of its loud moments as a preset of this name.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write its way through the timbres as a score.")
@click.option("--note", metavar="NOTE", help="Note that sounds all through, as A4 or 69.  [default: heard]")
@config_options
def encode(
    sound: str,
    model: str | None,
    preset: str | None,
    output: str | None,
    note: str | None,
    config_file: str | None,
    overrides: tuple[str, ...],
) -> None:
    """Find the timbres of SOUND, any sound file, in a model that has an encoder.

    Tells how well the model can say it, and keeps it as a preset to play from or as a score to play again.

    \b
    Examples:
      manned encode violin.wav --preset violin
      manned encode violin.wav -o gesture.txt
      manned render gesture.txt -o again.wav
    """
    from ..encode.recording import encode as encode_sound
    from ..encode.trajectory import write_gesture
    from ..model.pitch import class_and_octave, note_name, parse_note
    from ..state.preset_folder import PresetFolder, checked_name

    config = configured(config_file, overrides, model_name=model)
    if preset is not None:
        preset = checked_name(preset)
    number = None if note is None else parse_note(note)
    name = shown(Path(sound).name)
    decoder, encoder = config.library.read_encoder(config.model.name)
    with click.progressbar(length=1000, label=f"Encoding {name}", file=sys.stderr) as bar:
        found = encode_sound(sound, encoder, decoder, number, lambda part: bar.update(int(part * 1000) - bar.pos))
    mean = found.preset(preset or "mean", decoder.name)
    click.echo(
        f"{shown(sound)}: {found.seconds:.2f} s, {len(found.times_s)} frames, {found.silent} of them silent, "
        f"{100 * found.unpitched:.0f} % of the others without pitch"
    )
    if found.one_pitch < _ONE_PITCH:
        told = f"one pitch at a time tells {100 * found.one_pitch:.0f} % of this sound"
        click.echo(f"{told}; the rest, chords, speech, drums or noise, comes out as something else")
    latents = " ".join(f"{mean.values[f'latent/{i}']:.3f}" for i in range(1, mean.latents + 1))
    click.echo(f"its loud moments: {note_name(*class_and_octave(found.note))}, latents {latents}")
    click.echo(f"said by {decoder.name} with {_nearness(found, decoder)}")
    if found.outside is not None:
        click.echo(f"{100 * found.outside:.0f} % of the frames are unlike what it was trained on")
    if preset is not None:
        PresetFolder(config.preset_folder).write(mean)
        click.echo(f"preset {preset!r}: kept in {shown(config.preset_folder)}")
    if output is not None:
        lines = write_gesture(found, output, f"{name}, said by {decoder.name}")
        with_model = "" if model is None else f" --model {shown(model)}"
        click.echo(f"{shown(output)}: {lines} lines; hear them: manned render {shown(output)} -o again.wav{with_model}")


def _nearness(found: Trajectory, decoder: AnyDecoder) -> str:
    """How near the decoder comes to a sound, beside how near it came to its own test sounds where its file says so."""
    from ..model.harmonic.decoder_file import HarmonicDecoder

    likeness = found.likeness
    if isinstance(decoder, HarmonicDecoder):
        tested = (decoder.info.get("measured") or {}).get("nearness", {}).get("harmonic", {}).get("erb_db")
        told = f"a difference of {likeness.erb_db:.1f} dB in bands of the ear{_beside(tested, '.1f', ' dB')}"
    else:
        tested = (decoder.info.get("test") or {}).get("test_mse")
        told = f"a mean squared error of {likeness.mse:.2e}{_beside(tested, '.2e')}"
    return f"{told}, spectral convergence {likeness.convergence_db:.1f} dB"


def _beside(tested: object, form: str, unit: str = "") -> str:
    return f" (on its own test sounds {tested:{form}}{unit})" if isinstance(tested, float) else ""
