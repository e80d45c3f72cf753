"""The pictures and the report of a sweep."""
