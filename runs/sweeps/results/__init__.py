"""The rows of a sweep: stored, read, ranked, and what is said of them."""
