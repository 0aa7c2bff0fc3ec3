"""From a template to its grammar, and to its printers."""
