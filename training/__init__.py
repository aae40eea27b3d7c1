"""Offline tools: corpora, networks, training and their measurement.

Rooms, each of which imports only those before it: `training.corpus` (from sounds to frames), `training.network`
(from frames to weights), `training.measure` (from weights to figures), and `training.paper` (the paper's tables and
figures).  `training.learn`, `training.export`, `training.harmonic_export` and `training.convert` make decoder
files, `training.cli` is the command `manned-train`.

Networks are built from `manned.model`; the daemon never imports this package.
"""
