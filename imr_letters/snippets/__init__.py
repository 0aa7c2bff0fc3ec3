"""The rationale library: approved wording that reviewers pick from, and that reading a letter recognises."""

from imr_letters.snippets.library import Library, library, snippets_folder
from imr_letters.snippets.snippet import About, AppliesTo, Snippet, Variable

__all__ = ["About", "AppliesTo", "Library", "Snippet", "Variable", "library", "snippets_folder"]
