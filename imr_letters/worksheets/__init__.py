"""Referral worksheets, CSV or XLSX, to drafts."""
