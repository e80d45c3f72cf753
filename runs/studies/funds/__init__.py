"""What funds are known, and a fund's history made from an index."""
