"""Several specs on the same data."""
