"""``manned encode``: where the timbres of a sound lie in a model."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..files import shown
from .options import config_options, configured


@click.command()
@click.argument("sound", type=click.Path())
@click.option("--model", metavar="NAME", help="Model that is to say it: a name from `manned models`, or a file.")
@click.option("--preset", metavar="NAME", help="Keep the mean of its loud moments as a preset of this name.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write its way through the timbres as a score.")
@click.option("--note", metavar="NOTE", help="Note that sounds all through, as A4 or 69.  [default: measured]")
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
    from ..encode import encode as encode_sound
    from ..encode import note_name, parse_note, write_gesture
    from ..errors import ModelError
    from ..model.decoder_file import Decoder
    from ..model.encoder_file import Encoder
    from ..state.preset_folder import PresetFolder, checked_name

    config = configured(config_file, overrides, model_name=model)
    if preset is not None:
        preset = checked_name(preset)
    number = None if note is None else parse_note(note)
    name = shown(Path(sound).name)
    decoder, encoder = config.library.read_encoder(config.model.name)
    if not isinstance(decoder, Decoder) or not isinstance(encoder, Encoder):
        raise ModelError(f"model {decoder.name}: is of the kind harmonic, which encode does not know yet")
    with click.progressbar(length=1000, label=f"Encoding {name}", file=sys.stderr) as bar:
        found = encode_sound(sound, encoder, decoder, number, lambda part: bar.update(int(part * 1000) - bar.pos))
    mean = found.preset(preset or "mean", decoder.name)
    frames, values = len(found.times_s), mean.values
    click.echo(f"{shown(sound)}: {found.seconds:.2f} s, {frames} frames, {found.silent} of them silent")
    latents = " ".join(f"{values[f'latent/{i}']:.3f}" for i in range(1, mean.latents + 1))
    click.echo(f"its loud moments: {note_name(int(values['chroma']), int(values['octave']))}, latents {latents}")
    tested = (decoder.info.get("test") or {}).get("test_mse")
    beside = f" (on its own test sounds {tested:.2e})" if isinstance(tested, float) else ""
    click.echo(
        f"said by {decoder.name} with a mean squared error of {found.mse:.2e}{beside}, "
        f"spectral convergence {found.convergence_db:.1f} dB"
    )
    if found.outside is not None:
        click.echo(f"{100 * found.outside:.0f} % of the frames are unlike what it was trained on")
    if preset is not None:
        PresetFolder(config.preset_folder).write(mean)
        click.echo(f"preset {preset!r}: kept in {shown(config.preset_folder)}")
    if output is not None:
        lines = write_gesture(found, output, f"{name}, said by {decoder.name}")
        click.echo(f"{shown(output)}: {lines} lines; hear them: manned render {shown(output)} -o again.wav")
