"""Drafting: from a reviewer's input, a worksheet or a similar case to a finished decision."""
