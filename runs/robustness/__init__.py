"""Is it an edge: a rule on other periods and other histories, and how much of it was luck."""
