"""Feedback: what is set, by whomever, is told to the controllers that want to know; and what is measured, too.

`feedback.Feedback` listens to the tree and knows the subscribers; `streams.Streams` sends levels and notes.
"""
