"""What the page of a run shows beside its tables: the first screen, pictures to look into, months, every
trade."""
