"""Independent Medical Review in California: the decision, its codecs, its vocabularies."""
