"""The command ``manned-train hear``."""

from __future__ import annotations

import click


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
    from manned.encode import note_name, parse_note
    from manned.errors import AudioError
    from manned.model.harmonic.decoder_file import load_decoder, load_encoder
    from manned.model.pitch import note_to_hz

    path = Path(output)
    if not files.has_suffix(path, ".wav"):
        raise AudioError(f"{files.shown(path)}: cannot be written, the name of a sound must end in .wav")
    number = None if note is None else parse_note(note)
    decoder = load_decoder(model)
    encoder = load_encoder(model, decoder)

    from manned.model.harmonic.scale import SAMPLERATE
    from training.measure.timbre.replayed import middle_note, read_whole, replay

    signal = read_whole(sound)
    answer, heard = replay(signal, decoder, encoder, note_hz=None if number is None else note_to_hz(number))
    try:
        with files.replacing(path) as part:
            # Bytes, since soundfile fails on names that are no UTF-8.
            soundfile.write(os.fsencode(part), answer, SAMPLERATE, "FLOAT", format="WAV")  # type: ignore[arg-type]
    except (soundfile.SoundFileError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AudioError(f"{files.shown(path)}: cannot be written ({reason})") from None
    middle = middle_note(heard)
    click.echo(
        f"{files.shown(path)}: {len(answer) / SAMPLERATE:.2f} s; heard as {note_name(middle % 12, middle // 12 - 1)}"
    )
