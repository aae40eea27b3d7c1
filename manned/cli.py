"""The command line: ``manned`` and its commands.

Commands import what they need when they run, so that help and ``manned send``
answer at once.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from . import __version__
from .errors import MannedError
from .limits import DEVICE_RATES, OSC_PORT


class Commands(click.Group):
    """Commands of which ``run`` is the one that need not be typed; errors are one sentence and an exit code."""

    def parse_args(self, ctx, args):
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "-h", "--version")):
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except MannedError as error:
            click.echo(f"manned: {error}", err=True)
            ctx.exit(error.exit_code)


def config_options(command):
    """The options of every command that reads the settings."""
    command = click.option(
        "--set", "overrides", metavar="SECTION.KEY=VALUE", multiple=True,
        help="Change one setting, e.g. --set osc.port=9000. May be repeated; it wins over every file.",
    )(command)  # fmt: skip
    return click.option(
        "--config", "config_file", metavar="FILE", type=click.Path(),
        help="Settings on top of the system's and yours; configs/manned.toml explains them all.",
    )(command)  # fmt: skip


def server_options(command):
    """The options of every command that talks to a running instrument."""
    for name, kind, default, text in (
        ("--timeout", float, 2.0, "Seconds to wait for an answer."),
        ("--port", click.IntRange(1, 65535), OSC_PORT, "Its OSC port."),
        ("--host", str, "127.0.0.1", "Computer on which manned runs."),
    ):
        command = click.option(name, type=kind, default=default, show_default=True, help=text)(command)
    return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="manned", message="%(prog)s %(version)s")
def main():
    """A neural timbre synthesizer, played by OSC and MIDI.

    Plain `manned` starts the instrument: it loads a decoder, takes the best audio output there is and plays what
    controllers ask for until Ctrl+C.

    \b
    Examples:
      manned                                     start with everything at its default
      manned send /gate 1                        turn the drone on
      manned send /latents 0.2 0.8               move through the timbres
      manned send /mnote 60 100                  play middle C
      manned render tune.mid -o tune.wav         a MIDI file to a sound file
      manned run --device JACK --record take.wav play through JACK and keep what is heard
    """


@main.command()
@config_options
@click.option("--model", metavar="NAME", help="Decoder to start with: a name from `manned models`, or a file.")
@click.option("--scale", metavar="NAME", help="Scala scale to play in: a shipped one such as `just`, or a .scl file.")
@click.option("--device", metavar="NAME", help="Output: a name from `manned devices`, a part of one, or JACK.")
@click.option(
    "--record", metavar="FILE", type=click.Path(), help="Keep what is heard in this file; an older one stays."
)
@click.option("--score", metavar="FILE", type=click.Path(), help="Play this score (text or MIDI file) at the start.")
def run(config_file, overrides, model, scale, device, record, score):
    """Start the instrument (plain `manned` does the same).

    It plays until Ctrl+C. MIDI keyboards are found by themselves, OSC is listened for on port 57130 of this computer.

    \b
    Examples:
      manned run
      manned run --device JACK --record take.wav
      manned run --model mine --score examples/drone.txt
      manned run --scale 19-edo
      manned run --set osc.host=0.0.0.0 --set start.glide=2
    """
    from .service.signals import while_starting

    while_starting()
    from .config import load_config

    options = {"model.name": model, "tuning.scale": scale, "audio.device": device, "audio.record": record}
    overrides += tuple(f"{name}={value}" for name, value in options.items() if value is not None)
    config = load_config(config_file, overrides)
    if score is not None:
        from .control.score import Score

        score = Score.load(score)
    from .service.daemon import run as run_daemon

    sys.exit(run_daemon(config, score))


@main.command()
@click.argument("score", type=click.Path())
@click.option("-o", "--output", metavar="FILE", type=click.Path(), required=True, help="Sound file to write.")
@click.option("--model", metavar="NAME", help="Decoder to play: a name from `manned models`, or a file.")
@click.option("--scale", metavar="NAME", help="Scala scale to play in: a shipped one such as `just`, or a .scl file.")
@click.option("--samplerate", type=click.IntRange(*DEVICE_RATES), help="In Hertz.  [default: the config's, else 44100]")
@click.option("--channels", type=click.IntRange(1, 64), help="Left and right by turns.  [default: the config's: 2]")
@click.option(
    "--tail", metavar="SECONDS", type=click.FloatRange(0, 3600), default=30.0, show_default=True,
    help="At most this much after the last event; the file ends where silence begins.",
)  # fmt: skip
@config_options
def render(score, output, model, scale, samplerate, channels, tail, config_file, overrides):
    """Play SCORE into a sound file, faster than real time.

    SCORE is a standard MIDI file, or a text file of lines `seconds /address arguments…`. The result is, sample for
    sample, what `manned run --score` plays at the same sample rate in blocks of at most 256 frames.

    \b
    Examples:
      manned render examples/tune.mid -o tune.wav
      manned render examples/drone.txt -o drone.flac --set start.glide=2
    """
    from .config import load_config
    from .control.score import Score

    options = {
        "model.name": model,
        "tuning.scale": scale,
        "audio.samplerate": samplerate,
        "audio.channels": channels,
    }
    overrides += tuple(f"{name}={value}" for name, value in options.items() if value is not None)
    config = load_config(config_file, overrides)
    loaded = Score.load(score)
    logging.basicConfig(format="manned: %(message)s")
    logging.getLogger("manned").setLevel(logging.INFO)
    from .render import render as render_score

    with click.progressbar(length=1000, label=f"Rendering {Path(score).name}", file=sys.stderr) as bar:
        rendered = render_score(loaded, output, config, tail, lambda part: bar.update(int(part * 1000) - bar.pos))
    if rendered.dropped_events:
        click.echo(f"manned: {rendered.dropped_events} events were left out, too many at the same time", err=True)
    click.echo(f"{output}: {rendered.seconds:.2f} s")


@main.command()
@click.argument("sound", type=click.Path())
@click.option("--model", metavar="NAME", help="Model that is to say it: a name from `manned models`, or a file.")
@click.option("--preset", metavar="NAME", help="Keep the mean of its loud moments as a preset of this name.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write its way through the timbres as a score.")
@click.option("--note", metavar="NOTE", help="Note that sounds all through, as A4 or 69.  [default: measured]")
@config_options
def encode(sound, model, preset, output, note, config_file, overrides):
    """Find the timbres of SOUND, any sound file, in a model that has an encoder.

    Tells how well the model can say it, and keeps it as a preset to play from or as a score to play again.

    \b
    Examples:
      manned encode violin.wav --preset violin
      manned encode violin.wav -o gesture.txt
      manned render gesture.txt -o again.wav
    """
    from .config import load_config
    from .encode import encode as encode_sound
    from .encode import note_name, parse_note, write_gesture
    from .state.preset_folder import PresetFolder, checked_name

    if model is not None:
        overrides += (f"model.name={model}",)
    config = load_config(config_file, overrides)
    if preset is not None:
        preset = checked_name(preset)
    note = None if note is None else parse_note(note)
    decoder, encoder = config.library.read_encoder(config.model.name)
    with click.progressbar(length=1000, label=f"Encoding {Path(sound).name}", file=sys.stderr) as bar:
        found = encode_sound(sound, encoder, decoder, note, lambda part: bar.update(int(part * 1000) - bar.pos))
    mean = found.preset(preset or "mean", decoder.name)
    frames, values = len(found.times_s), mean.values
    click.echo(f"{sound}: {found.seconds:.2f} s, {frames} frames, {found.silent} of them silent")
    latents = " ".join(f"{values[f'latent/{i}']:.3f}" for i in range(1, mean.latents + 1))
    click.echo(f"its loud moments: {note_name(values['chroma'], values['octave'])}, latents {latents}")
    tested = (decoder.info.get("test") or {}).get("test_mse")
    beside = f" (on its own test sounds {tested:.2e})" if isinstance(tested, float) else ""
    click.echo(
        f"said by {decoder.name} with a mean squared error of {found.mse:.2e}{beside}, "
        f"spectral convergence {found.convergence_db:.1f} dB"
    )
    if found.outside is not None:
        click.echo(f"{100 * found.outside:.0f} % of the frames are unlike what it was trained on")
    if preset is not None:
        folder = PresetFolder(config.preset_folder)
        folder.write(mean)
        click.echo(f"preset {preset!r}: kept in {folder.folder}")
    if output is not None:
        lines = write_gesture(found, output, f"{Path(sound).name}, said by {decoder.name}")
        click.echo(f"{output}: {lines} lines; hear them: manned render {output} -o again.wav")


@main.command()
@config_options
def devices(config_file, overrides):
    """List audio outputs and MIDI inputs; a star marks what `manned run` would take."""
    from .audio.backend import BackendError
    from .audio.backends import BACKENDS, choose_device
    from .config import load_config
    from .control.midi.ports import list_ports
    from .control.midi.reader import wanted

    config = load_config(config_file, overrides)
    outputs = [device for backend in BACKENDS for device in backend.devices() if device.hostapi]
    chosen, trouble = None, None
    try:
        chosen = choose_device(config.audio.device)
    except BackendError as error:
        trouble = error
    click.echo("Audio outputs")
    for hostapi in dict.fromkeys(device.hostapi for device in outputs):
        click.echo(f"  {hostapi}")
        for device in outputs:
            if device.hostapi == hostapi:
                mark = "*" if chosen and device == chosen.device else " "
                facts = f"{device.channels} channels, {device.samplerate:g} Hz"
                click.echo(f"  {mark} {device.index:3}  {device.name}  ({facts})")
    if not outputs:
        click.echo("  none: the instrument runs on a silent clock until one is there")
    system, ports = list_ports(config.midi.api)
    click.echo(f"MIDI inputs{f' ({system.upper()})' if system else ''}")
    for port in ports:
        click.echo(f"  {'*' if wanted(port, config.midi.ports) else ' '}      {port}")
    if not ports:
        click.echo("  none now; keyboards that are plugged in later are found by themselves")
    if trouble is not None:
        raise trouble


@main.command()
@config_options
def models(config_file, overrides):
    """List the decoders that can be played; a star marks what `manned run` would take."""
    from .config import load_config

    config = load_config(config_file, overrides)
    for name in config.library.decoders():
        try:
            decoder = config.library.read_decoder(name)
        except MannedError as error:
            click.echo(f"  {name:20} cannot be used: {error}")
            continue
        mark = "*" if name == config.model.name else " "
        facts = [f"{decoder.topology.bottleneck} latents"]
        if octaves := decoder.topology.octaves:
            facts.append(f"octaves {octaves[0]} to {octaves[-1]}")
        if licence := decoder.info.get("licence"):
            facts.append(f"licence {licence}")
        click.echo(f"{mark} {name:20} {', '.join(facts)}")


@main.command(context_settings={"ignore_unknown_options": True})
@server_options
@click.argument("address")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def send(address, arguments, host, port, timeout):
    """Send one OSC message to a running manned and print what it answers.

    Numbers are sent as numbers, true and false as such, the rest as text. An address without arguments asks for its
    value.

    \b
    Examples:
      manned send /gate 1
      manned send /chroma F#
      manned send /bend -0.5
      manned send /env/release
    """
    from .control.osc.client import send as send_message

    failed = False
    for answer in send_message(host, port, address, arguments, timeout):
        if answer.address in ("/error", "/fail"):
            failed = True
            click.echo(f"manned: {': '.join(map(_text, answer.arguments))}", err=True)
        else:
            click.echo(" ".join(map(_text, (answer.address, *answer.arguments))))
    sys.exit(failed)


@main.command()
@server_options
def status(host, port, timeout):
    """Say how the running manned is: device, load, voices, model and what went wrong since its start."""
    from .control.osc.client import send as send_message

    for answer in send_message(host, port, "/status", (), timeout):
        rows = [_row(name, value) for name, value in zip(answer.arguments[::2], answer.arguments[1::2])]
        width = max(len(name) for name, _ in rows)
        for name, text in rows:
            click.echo(f"{name:{width}}  {text}")


def _row(name: str, value) -> tuple[str, str]:
    """A name and value of ``/status`` for people: units behind the value, loads in percent."""
    text = _text(value) if value != "" else "–"
    for suffix, unit in (("_ms", "ms"), ("_s", "s"), ("samplerate", "Hz")):
        if name.endswith(suffix):
            text = f"{text} {unit}"
            name = name.removesuffix(suffix) if suffix.startswith("_") else name
            break
    if name.startswith("load_"):
        text = f"{100 * value:.1f} %"
    return name.replace("_", " "), text


def _text(value) -> str:
    """An OSC value for people: a float as short as it was meant."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
