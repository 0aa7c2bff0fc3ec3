"""Batches: a day's letters, each exactly once, provably; and thousands of letters read into a table."""

from imr_letters.batch.checking import Verified, verify
from imr_letters.batch.options import Options, Progress
from imr_letters.batch.reading import Table, parse
from imr_letters.batch.rendering import Summary, render
from imr_letters.batch.reporting import report, status

__all__ = ["Options", "Progress", "Summary", "Table", "Verified", "parse", "render", "report", "status", "verify"]
