"""What the page makes of sound files: takes to download, gestures, and decoders learned from them.

`workshop.Workshop` is what the web server asks.  Long work is done by processes of low priority, see `process`.
"""
