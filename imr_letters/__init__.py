"""Independent Medical Review determination letters, both ways."""
