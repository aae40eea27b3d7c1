"""``manned page``: open the page of a running instrument in a browser."""

from __future__ import annotations

import click

from ..errors import MannedError
from .options import config_options, configured


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Its web port, by default of the settings.")
@click.option("--print", "only_print", is_flag=True, help="Print the address and open nothing.")
@config_options
def page(port: int | None, only_print: bool, config_file: str | None, overrides: tuple[str, ...]) -> None:
    """Open the page of the running manned in a browser: pad, keyboard, presets, faders and meter.

    It prints the address, so that another browser can be given it, with the token that it needs where web.host
    opens it to a network. Give the settings that manned runs with.
    """
    from ..control.web.pages import network_address, page_address
    from ..control.web.token import is_this_computer, read_token

    config = configured(config_file, overrides)
    settings = config.web
    port = port or settings.port
    if not port:
        raise MannedError("page: web.port is 0, so there is no page; set it to a port, such as 57131")
    token = ""
    if not (settings.open or is_this_computer(settings.host)):
        try:
            token = read_token(config.state_folder)
        except OSError as error:
            raise MannedError(
                f"page: its token {error.filename} cannot be read ({error.strerror}); ask as its user"
            ) from None
        if not token:
            raise MannedError(f"page: there is no token in {config.state_folder} yet; manned makes it when it starts")
    address = page_address(settings.host, port, token)
    click.echo(address)
    others = network_address(settings.host, port, token)
    if others:
        click.echo(f"On other devices: {others}")
    if not only_print:
        import webbrowser

        if not webbrowser.open(address):
            click.echo("There is no browser here; open that address in one on this computer.", err=True)
