"""What a rule says on the last close, and which orders are for the next session."""
