"""The media: one file each, writer and reader side by side."""
