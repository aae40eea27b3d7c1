"""Training decoders of the kind ``harmonic``: corpus, network, loss, fit and export, from `manned.model.harmonic`."""
