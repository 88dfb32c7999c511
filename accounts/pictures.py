"""QR codes as SVG without a style of their own: the Content-Security-Policy allows nothing inline."""

from __future__ import annotations

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def code_of(address: str) -> SafeString:
    """A QR code that leads to `address`, as an SVG element for a page."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out,
        kind="svg",
        border=2,
        xmldecl=False,
        svgns=False,
        omitsize=True,
        svgclass="oa-code",
        lineclass=None,
    )
    # segno draws it from modules and numbers alone; the address is not in the markup.
    return mark_safe(out.getvalue().decode().strip())  # noqa: S308
