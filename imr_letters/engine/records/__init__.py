"""Data files in YAML or JSON: reading them, and what is wrong with them, by file, line and field."""
