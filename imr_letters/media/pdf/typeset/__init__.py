"""The typesetter: sets the letters of supported stylesheets itself, many times as fast as WeasyPrint lays them out.

Styles come from WeasyPrint's own cascade, so the stylesheet is the one description of the looks; lines and pages are
those that WeasyPrint makes. What is outside the supported set (`supported`) is WeasyPrint's to make.
"""

#: Whether letters are released that the typesetter made; WeasyPrint makes all of them otherwise.
TYPESETS = False
