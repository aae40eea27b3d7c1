"""Training sounds that anyone can rebuild: rendered offline from Debian's packages.

`source_list` says what to render and `render` does it; `audition` chooses patches, `takes` says what each plays, and
`tuning` lets only notes in tune pass.
"""
