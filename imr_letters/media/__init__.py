"""The media, one file or folder each with writer and reader side by side: `text`, `html`, `pdf`; `table` lists them."""
