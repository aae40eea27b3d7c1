"""Training sounds that anyone can rebuild: rendered offline from Debian's packages.

`cli` is the ``sounds`` command, `recipe` what it is told, `render` what it does; `amsynth`, `fluidr3`
and `zynaddsubfx` are the sources, as `patch` says, `tuning` the ear that lets only notes in tune pass.
"""
