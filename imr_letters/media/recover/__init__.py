"""Blocks recovered from another program's layout."""
