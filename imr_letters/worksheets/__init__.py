"""Referral worksheets, CSV or XLSX, to drafts."""

from imr_letters.worksheets.intake import Intake, take
from imr_letters.worksheets.mapping import starting_file
from imr_letters.worksheets.opening import is_worksheet, open_sheet

__all__ = ["Intake", "is_worksheet", "open_sheet", "starting_file", "take"]
