"""A folder a question: its numbers (study), its sentences and tables (words), its pictures (charts)."""
