"""Measures of what a decoder sounds like."""
