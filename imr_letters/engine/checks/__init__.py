"""What is proved of a grammar before it is used."""
