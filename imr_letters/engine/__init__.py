"""The two-way engine: it knows no review program and no medium."""
