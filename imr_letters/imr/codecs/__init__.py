"""The codecs of values that only this review program has."""
