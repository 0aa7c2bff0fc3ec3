"""Reading a letter by a grammar."""
