"""Numbers that went through 32 bits."""

import pytest


def near(*values):
    return pytest.approx(values, abs=1e-6)
