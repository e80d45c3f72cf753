"""Other histories of an index: paths that it might have taken as well, made from the one that it took.

`bootstrap` reshuffles its days in blocks, `garch` and `regimes` fit a model to its returns and draw new
ones. `shapes` gives the days of a path their open, high and low, `carried` what else they bring. Arrays in,
arrays out; what is drawn depends on the generator alone.
"""
