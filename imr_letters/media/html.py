"""The HTML medium."""

from __future__ import annotations

from html import escape

#: A letter runs nothing and fetches nothing, whatever a value of it may hold.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{style}</head>
<body>
{body}
</body>
</html>
"""


def page(body: str, *, title: str, language: str = "en-US", css: str = "") -> str:
    """Return a complete HTML document around the markup of a letter, with a stylesheet inside if one is given."""
    # "</" could end the style element. In CSS it stands only in strings, where the backslash changes nothing.
    style = "<style>\n" + css.strip("\n").replace("</", r"<\/") + "\n</style>\n" if css else ""
    return _PAGE.format(
        language=escape(language),
        policy=_POLICY,
        title=escape(title, quote=False),
        style=style,
        body=body.strip("\n"),
    )
