"""Parameters chosen on what was known, and what came of them after."""
