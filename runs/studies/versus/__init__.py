"""An index and its leveraged funds side by side."""
