"""A recording as a starting point: its way through the latents of a model, as its encoder hears it.

`recording` reads a sound file and finds its `trajectory`, which is kept as a preset or a score; `spectrum` and
`harmonic` are how models of the two kinds hear, `likeness` is how near they come.
"""
