"""What to do with a rule's signals: how much, when, and what is set before the trade."""
