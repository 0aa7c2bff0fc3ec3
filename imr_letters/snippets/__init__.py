"""The rationale library: approved wording that reviewers pick from, and that reading a letter recognises."""

from imr_letters.snippets.library import Library, read_library
from imr_letters.snippets.snippet import AppliesTo, FrontMatter, Snippet, Variable

__all__ = ["AppliesTo", "FrontMatter", "Library", "Snippet", "Variable", "read_library"]
