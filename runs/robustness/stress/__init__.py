"""A rule on named paths of its index, and in windows of the real one that nobody forgets."""
