"""Networks of the kind ``harmonic``, from a corpus of harmonic frames to a decoder.

`network` is the autoencoder, `objective` what it learns by, `fit` the loop around it, `fit_folder` what stays on
disk, `axes` turns its latents into faders and `assemble` makes a decoder of them.
"""
