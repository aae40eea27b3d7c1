"""The instrument as a running program: a list of parts on one asyncio loop.

`daemon` composes and runs them, `parts` says what a part is, `systemd` tells the service manager.
"""
