"""A rule with many parameters: the grid, the engines that run its cells, the folder they are kept in."""
