"""A synthetic fund against the traded one, and the financing spread that fits."""
