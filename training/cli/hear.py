"""The command ``manned-train hear``."""

from __future__ import annotations

import click

_LONGEST_S = 300.0  # all of what is played is held in memory


@click.command()
@click.argument("sound", type=click.Path())
@click.option(
    "--model", required=True, type=click.Path(), help="Decoder file of the kind harmonic, its encoder beside."
)
@click.option("-o", "--output", required=True, type=click.Path(), help="Sound file to write, such as out.wav.")
@click.option("--note", metavar="NOTE", help="Note that sounds all through, as A4 or 69.  [default: heard]")
def hear(sound: str, model: str, output: str, note: str | None) -> None:
    """Play SOUND through a decoder of the kind harmonic, into a file.

    Its pitch and its level are followed, its timbre goes through the faders
    of the decoder and back.
    """
    import os
    from pathlib import Path

    import soundfile

    from manned import files
    from manned.encode.recording import encode
    from manned.errors import AudioError
    from manned.model.harmonic.decoder_file import load_decoder, load_encoder
    from manned.model.harmonic.scale import SAMPLERATE
    from manned.model.pitch import class_and_octave, note_name, parse_note
    from manned.sound_file import open_sound
    from training.measure.timbre.replayed import played

    path = Path(output)
    if not files.has_suffix(path, ".wav"):
        raise AudioError(f"{files.shown(path)}: cannot be written, the name of a sound must end in .wav")
    number = None if note is None else parse_note(note)
    decoder = load_decoder(model)
    encoder = load_encoder(model, decoder)
    with open_sound(sound) as file:
        if file.seconds > _LONGEST_S:
            raise AudioError(
                f"{files.shown(sound)}: is {file.seconds:.0f} s long, allowed are {_LONGEST_S:.0f} s; "
                "cut a piece from it"
            )
    found = encode(sound, encoder, decoder, number)
    answer = played(found, decoder)
    try:
        with files.replacing(path) as part:
            # Bytes, since soundfile fails on names that are no UTF-8.
            soundfile.write(os.fsencode(part), answer, SAMPLERATE, "FLOAT", format="WAV")  # type: ignore[arg-type]
    except (soundfile.SoundFileError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AudioError(f"{files.shown(path)}: cannot be written ({reason})") from None
    note_heard = note_name(*class_and_octave(found.note))
    click.echo(f"{files.shown(path)}: {len(answer) / SAMPLERATE:.2f} s; heard as {note_heard}")
