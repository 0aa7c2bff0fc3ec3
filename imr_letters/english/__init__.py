"""English text: sentences, words too common to say anything, and what differs between two texts."""
