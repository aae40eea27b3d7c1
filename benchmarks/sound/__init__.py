"""The promises of the instrument's sound, measured: one module per row of docs/sound.md.

Each module's docstring is its title and method; its `measure` writes pictures and returns a `Section`.
"""
