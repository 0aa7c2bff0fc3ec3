"""The studio: drafts of a folder in a browser on this machine. Files are the truth; nothing typed is lost."""
