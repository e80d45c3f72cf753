"""The parameters of a sweep: axes, grid, cells."""
