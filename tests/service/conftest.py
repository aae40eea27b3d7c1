"""A browser, and an instrument with its page, for all tests of a file."""

import pytest
from browser import Browser
from played_page import Played


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def manned(tmp_path_factory):
    with Played(tmp_path_factory.mktemp("page")) as running:
        yield running
