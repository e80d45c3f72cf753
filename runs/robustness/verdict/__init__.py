"""Robust, fragile, luck, or too few trades to say."""
