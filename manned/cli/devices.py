"""``manned devices``: audio outputs and MIDI inputs."""

from __future__ import annotations

import click

from .options import config_options, configured


@click.command()
@config_options
def devices(config_file: str | None, overrides: tuple[str, ...]) -> None:
    """List audio outputs and MIDI inputs; a star marks what `manned run` would take."""
    from ..audio.backend import BackendError
    from ..audio.backends import BACKENDS, choose_device
    from ..control.midi.port_names import wanted
    from ..control.midi.ports import list_ports

    config = configured(config_file, overrides)
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
