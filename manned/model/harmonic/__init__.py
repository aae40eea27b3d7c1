"""The kind ``harmonic`` of a model: a frame is levels of harmonics of a known pitch and of bands of noise.

`scale` says how numbers are told, `analysis` makes frames of sound, `spectrum` makes spectra of frames,
`topology` and `forward` are the network, `decoder_file` what is kept of it.
"""
