"""The rules themselves, one file a rule."""
