"""`letf montecarlo`: a rule on thousands of paths that its index might have taken as well."""
