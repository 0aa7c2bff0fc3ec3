"""The rules of this package, one module for each group."""
