"""``manned encode``: where the timbres of a sound lie in a model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..files import has_suffix, shown, stem
from . import complete
from .options import config_options, configured

if TYPE_CHECKING:
    from ..encode.gesture import Made
    from ..encode.trajectory import Trajectory
    from ..model.kinds import AnyDecoder

_ONE_PITCH = 0.5  # of the power, that one pitch ought to tell


@click.command()
@click.argument("sound", type=click.Path())
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=complete.models,
    help="Model that is to say it: a name from `manned models`, or a file.",
)
@click.option("--preset", metavar="NAME", help="Keep the mean of its loud moments as a preset of this name.")
@click.option("--gesture", metavar="NAME", help="Keep its way through the timbres as a gesture of this name.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Write its way through the timbres: NAME.gesture is a gesture, any other name a score.",
)
@click.option("--note", metavar="NOTE", help="Note that sounds all through, as A4 or 69.  [default: heard]")
@click.option(
    "--loop",
    metavar="BEGIN END",
    type=float,
    nargs=2,
    help="Part of the gesture that repeats, in seconds of SOUND.  [default: found]",
)
@click.option(
    "--hold", metavar="SECONDS", type=float, help="Where a held note of the gesture waits, in SOUND.  [default: found]"
)
@click.option("--author", metavar="TEXT", help="Who made the sound; the gesture tells it.")
@click.option("--licence", metavar="TEXT", help="Licence of the sound; the gesture tells it.")
@config_options
def encode(
    sound: str,
    model: str | None,
    preset: str | None,
    gesture: str | None,
    output: str | None,
    note: str | None,
    loop: tuple[float, float] | None,
    hold: float | None,
    author: str | None,
    licence: str | None,
    config_file: str | None,
    overrides: tuple[str, ...],
) -> None:
    """Find the timbres of SOUND, any sound file, in a model that has an encoder.

    Tells how well the model can say it, and keeps it as a preset to play from, as a gesture that every note replays,
    or as a score to play again.

    \b
    Examples:
      manned encode violin.wav --preset violin
      manned encode violin.wav --gesture violin
      manned encode violin.wav -o violin.gesture --loop 0.8 2.1
      manned encode violin.wav -o violin.txt
      manned render violin.txt -o again.wav
    """
    from ..encode.gesture import make_gesture, require_short
    from ..encode.recording import encode as encode_sound
    from ..encode.trajectory import write_score
    from ..model.gesture_file import GESTURE_SUFFIX, checked_name, keep_gesture, write_gesture
    from ..model.pitch import class_and_octave, note_name, parse_note
    from ..sound_file import open_sound
    from ..state import preset_folder

    written = Path(output) if output is not None and has_suffix(output, GESTURE_SUFFIX) else None
    made_of = {"--loop": loop, "--hold": hold, "--author": author, "--licence": licence}
    if gesture is None and written is None:
        for option in (option for option, value in made_of.items() if value is not None):
            raise click.UsageError(f"{option} is for a gesture: say --gesture NAME or -o NAME{GESTURE_SUFFIX} too")
    config = configured(config_file, overrides, model_name=model)
    if preset is not None:
        preset = preset_folder.checked_name(preset)
    if gesture is not None:
        gesture = checked_name(gesture)
    if gesture is not None or written is not None:
        require_short(Path(sound))
    number = None if note is None else parse_note(note)
    name = shown(Path(sound).name)
    decoder, encoder = config.library.read_encoder(config.model.name)
    with click.progressbar(length=1000, label=f"Encoding {name}", file=sys.stderr) as bar:
        found = encode_sound(sound, encoder, decoder, number, lambda part: bar.update(int(part * 1000) - bar.pos))
    with open_sound(sound) as file:
        if file.remark:
            click.echo(f"manned: {file.remark}", err=True)
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
        preset_folder.PresetFolder(config.preset_folder).write(mean)
        click.echo(f"preset {preset!r}: kept in {shown(config.preset_folder)}")
    if gesture is not None or written is not None:
        called = gesture or stem(Path(output or ""), GESTURE_SUFFIX)
        facts = {"author": author, "licence": licence}
        made = make_gesture(
            Path(sound), found, called, decoder.name, loop, hold, {key: text for key, text in facts.items() if text}
        )
        click.echo(f"gesture {called!r}: {_points(made)}")
        if not made.sustains and loop is None:
            click.echo("nothing in it sustains: its loop, near the end, is only the best place there is")
        if gesture is not None:
            click.echo(f"gesture {called!r}: kept as {shown(keep_gesture(made.gesture, config.gesture_folder))}")
        if written is not None:
            click.echo(f"{shown(write_gesture(made.gesture, written))}: written")
    if output is not None and written is None:
        lines = write_score(found, output, f"{name}, said by {decoder.name}")
        with_model = "" if model is None else f" --model {shown(model)}"
        click.echo(f"{shown(output)}: {lines} lines; hear them: manned render {shown(output)} -o again.wav{with_model}")


def _points(made: Made) -> str:
    """Where a gesture lies in its recording, in seconds of that."""
    from ..model.pitch import note_text

    gesture, begins_s = made.gesture, made.begins_s
    begin, end = (begins_s + seconds for seconds in gesture.loop)
    return (
        f"{gesture.seconds:.2f} s from {begins_s:.3f} s on, sounds {note_text(gesture.note)}, "
        f"loop {begin:.3f}–{end:.3f} s, hold {begins_s + gesture.hold:.3f} s"
    )


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
