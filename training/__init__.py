"""Offline tools: corpora, networks, training and their measurement.

They build every network from `manned.model`; the daemon never imports this package.
"""
