"""``manned page``: open the page of a running instrument in a browser."""

from __future__ import annotations

import click

from ..errors import MannedError
from .options import settings_of


@click.command()
@click.option("--config", "config_file", metavar="FILE", type=click.Path(), help="Settings that it runs with.")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Its web port, by default of the settings.")
@click.option("--print", "only_print", is_flag=True, help="Print the address and open nothing.")
def page(config_file: str | None, port: int | None, only_print: bool) -> None:
    """Open the page of the running manned in a browser: pad, keyboard, presets, faders and meter.

    It prints the address, so that another browser can be given it.
    """
    from ..settings import WebSettings

    settings = settings_of(WebSettings, "web", config_file)
    port = port or settings.port
    if not port:
        raise MannedError("page: web.port is 0, so there is no page; set it to a port, such as 57131")
    from ..control.web.pages import page_address

    address = page_address(settings.host, port)
    click.echo(address)
    if not only_print:
        import webbrowser

        if not webbrowser.open(address):
            click.echo("There is no browser here; open that address in one on this computer.", err=True)
