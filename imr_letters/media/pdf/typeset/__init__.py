"""The typesetter: sets the letters of supported stylesheets itself, many times as fast as WeasyPrint lays them out.

Styles come from WeasyPrint's own cascade, so the stylesheet is the one description of the looks; lines and pages are
those that WeasyPrint makes. What is outside the supported set (`supported`) is WeasyPrint's to make.
"""

#: What a PDF of the typesetter calls its producer.
PRODUCER = "imr-letters typesetter"

#: Whether letters are released that the typesetter made; WeasyPrint makes all of them otherwise.
TYPESETS = False
