"""PDF: writing letters, and reading them and those of other programs."""
