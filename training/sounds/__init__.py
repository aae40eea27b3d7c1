"""Training sounds that anyone can rebuild: rendered offline from Debian's packages.

`cli` is the ``sounds`` command, `recipe` what it is told, `render` what it does; `amsynth` and
`fluidr3` are the sources, `tuning` the ear that lets only notes in tune pass.
"""
