"""From a corpus to trained weights.

`network` and `vae` are the networks, `objective` what they learn by, `step` one training step on each backend, `fit`
the loop around it, and `fit_folder` what stays on disk.
"""
