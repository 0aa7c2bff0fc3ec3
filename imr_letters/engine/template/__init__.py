"""From a template to its grammar."""
