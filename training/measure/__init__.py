"""From trained weights to figures: errors, embeddings and what the space of timbres sounds like.

`evaluate` composes the measures, `report` prints them, `figures` draws them and `picture` writes them.
"""
