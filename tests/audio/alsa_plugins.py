"""What ALSA is set up with in tests."""

ALSA_PLUGINS = """
pcm.jack { type linear slave { format S16_LE pcm { type null } } }
pcm.oss { type linear slave { format S16_LE pcm { type null } } }
pcm.speakers { type linear slave { format S16_LE pcm { type null } } }
"""
"""Devices with the names that ALSA's plugin packages give theirs, and another one."""
