"""A running instrument with the shipped decoder, its page, and what a test reads of it."""

from free_port import free_port
from running import RunningManned

ONLINE = "document.getElementById('state').textContent === 'online'"
FADERS = "document.querySelectorAll('.fader').length > 50 && !document.querySelector('.coming')"
READY = f"document.querySelectorAll('.preset').length > 10 && {FADERS}"
PEAK = "Number(document.querySelector('.meter').getAttribute('aria-valuenow'))"
SILENT = f"{PEAK} <= -60"


class Played(RunningManned):
    """The shipped decoder and its page."""

    def __init__(self, folder, *options, port=None):
        self.web = port or free_port()
        super().__init__(folder, "--set", f"web.port={self.web}", "--set", "model.name=atlas", *options)

    @property
    def page(self):
        return f"http://127.0.0.1:{self.web}/"


def value(page, address):
    """What a fader of the page shows."""
    return page.run(f"document.querySelector('[data-path=\"{address}\"] output').value")
