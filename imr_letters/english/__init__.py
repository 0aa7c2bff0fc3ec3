"""English text: sentences, and words too common to say anything."""
