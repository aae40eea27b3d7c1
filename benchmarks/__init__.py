"""Benchmarks: `timing`, `sound`, `timbre`, `bank` and `peers` are pages of docs, a module a section.

A module's docstring is the title and the method of its section, its ``measure`` makes the `section`, and `report`
writes the page.  ``python -m benchmarks timing`` measures a whole page, ``python -m benchmarks.timing.flood`` shows
one section and writes nothing.
"""
