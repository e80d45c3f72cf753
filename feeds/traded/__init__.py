"""The funds themselves as they were traded: their quotes without splits, and the prices that were printed."""
