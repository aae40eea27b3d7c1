"""The paper's tables and figures, made again.

``models.toml`` holds every model and the recipes it is trained by, ``paper.toml`` what the paper reports;
`reproduce` makes what is missing and `page` sets both side by side.
"""
