"""The parts of a letter's grammar, what templates may name, and the faults that are found in them."""
