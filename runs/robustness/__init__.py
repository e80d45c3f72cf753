"""Is it an edge: luck, other periods, other histories, the verdict."""
