"""Mining: passages that recur in letters and might become snippets."""
