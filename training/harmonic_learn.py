"""From recordings to a decoder of the kind ``harmonic`` in one go, with a verdict on it.

TensorFlow is loaded when something was heard that can be learned from.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from manned import files
from manned.errors import CorpusError, TrainingError
from manned.model.encoder_file import encoder_path
from manned.model.harmonic.decoder_file import HarmonicDecoder
from manned.model.harmonic.topology import HarmonicTopology
from training.corpus.harmonic.corpus import HarmonicCorpus
from training.corpus.harmonic.heard import PITCHED, Heard, keep, listen
from training.corpus.recordings import find_recordings
from training.events import HEARD, LISTENING, MEASURING, TRAINING, VERDICT, Listener, unheard
from training.files import make_folder, refuse_existing, working_folder
from training.measure.timbre import rivals
from training.measure.timbre.unheard import compare, unheard_rows
from training.measure.timbre.verdict import findings, found_words, told, verdict

STEPS = 1500
LATENTS = 6
LEAST_S = 5.0
_WIDTHS = (256, 256)
_BATCH = 125


def learn(
    recordings: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    start: HarmonicDecoder | None = None,
    latents: int = LATENTS,
    steps: int = STEPS,
    licence: str = "",
    seed: int = 0,
    log: Callable[[str], object] = print,
    listener: Listener = unheard,
) -> HarmonicDecoder:
    """Hear what sounds one note at a time, fit a network to it, judge it, and write its decoder and its encoder.

    Nothing else is left.

    Parameters
    ----------
    recordings : sequence of path
        Audio files, or folders of them; at least `LEAST_S` seconds of one note at a time in all.
    output : path
        Decoder file to write; must not exist yet.
    start : HarmonicDecoder, optional
        To start from; its topology is kept, so ``latents`` says nothing then.
    latents : int
        Faders, 1–16.
    steps : int
        Training steps of 125 frames.
    licence : str
        Licence of the decoder, kept in the file.
    seed : int
    log : callable
        Takes messages for people, one text each; the last ones are the verdict.
    listener : Listener
        Told how far it is, for programs.

    Returns
    -------
    HarmonicDecoder

    Raises
    ------
    CorpusError
        When too little in the recordings sounds one note at a time.
    TrainingError
        When the output exists, or it was asked to stop.
    """
    output = Path(output)
    refuse_existing(output)
    found = find_recordings(recordings)
    make_folder(output.parent)
    with _whole_or_not_at_all(output), working_folder(output) as folder:
        heard = listen(found, os.cpu_count() or 1, seed, lambda part: listener(LISTENING, part))
        listener(HEARD, [told(each) for each in heard])
        seconds = findings(heard)
        if seconds[PITCHED] < LEAST_S or sum(len(each.stretches) for each in heard) < 2:
            raise CorpusError(_too_little(recordings, heard))
        log(f"heard {found_words(seconds)}")
        corpus = keep(heard, folder / "corpus", ", ".join(map(files.shown, recordings)), seed)
        topology = (
            start.topology
            if start
            else HarmonicTopology(latents=latents, encoder_widths=_WIDTHS, decoder_widths=_WIDTHS)
        )
        decoder, measured = _fit(corpus, folder, topology, start, steps, seed, output, licence, listener)
        for name in (encoder_path(output).name, output.name):
            os.rename(folder / name, output.with_name(name))
        for line in verdict(heard, measured):
            log(line)
            listener(VERDICT, line)
    return decoder


def _fit(
    corpus: HarmonicCorpus,
    folder: Path,
    topology: HarmonicTopology,
    start: HarmonicDecoder | None,
    steps: int,
    seed: int,
    output: Path,
    licence: str,
    listener: Listener,
) -> tuple[HarmonicDecoder, dict[str, Any]]:
    """Train and measure in a folder, and write the decoder and its encoder there; what was measured."""
    listener(TRAINING, 0.0)  # what follows loads TensorFlow, which takes seconds
    from training.harmonic_export import write
    from training.network.harmonic.assemble import assemble
    from training.network.harmonic.fit import HarmonicRecipe, fit

    recipe = HarmonicRecipe(batch=_BATCH, steps=steps, seed=seed)
    fitted = fit(corpus, folder / "fit", topology, recipe, start, lambda part: listener(TRAINING, part))
    listener(MEASURING, 0.0)
    decoder, encoder = assemble(fitted, corpus, files.stem(output, output.suffix), licence)
    rows = unheard_rows(corpus)
    nearness = compare(corpus, rivals.around(decoder, encoder), rows) if len(rows) else {}
    measured = {
        "kind": "harmonic",
        "steps": [fitted.step, steps],
        "unheard_frames": len(rows),
        "nearness": {name: asdict(found) for name, found in nearness.items()},
        "latents": list(decoder.latents.names),
        "correlation": decoder.info["correlation"] if topology.latents > 1 else 0.0,
        "chart_occupied": decoder.chart.occupied if decoder.chart else 0.0,
    }
    decoder.info["measured"] = measured
    write(decoder, encoder, corpus, folder / output.name)
    return decoder, measured


def _too_little(recordings: Sequence[str | os.PathLike[str]], heard: list[Heard]) -> str:
    shown = ", ".join(map(files.shown, recordings))
    seconds = findings(heard)
    problems = [recording.problem for recording in heard if recording.problem]
    why = f"; {problems[0]}" if problems and not sum(seconds.values()) else ""
    return (
        f"{shown}: no instrument to learn, heard was {found_words(seconds)}{why}; wanted are {LEAST_S:.0f} seconds at "
        "least, better a few minutes, of one note at a time"
    )


@contextmanager
def _whole_or_not_at_all(output: Path) -> Iterator[None]:
    """Leave nothing of an output when it is interrupted, and say so in one sentence."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as stopped:
        for path in (output, encoder_path(output)):
            path.unlink(missing_ok=True)
        error = TrainingError(f"{files.shown(output)}: stopped while learning, nothing was written")
        error.exit_code = 128 + (signal.SIGINT if isinstance(stopped, KeyboardInterrupt) else signal.SIGTERM)
        raise error from None
    except OSError as problem:
        raise TrainingError(f"{files.shown(output)}: cannot be written ({problem.strerror or problem})") from None
