"""A picture as a part of an HTML page: no file of its own, no names that clash, and colors for dark screens."""

import colorsys
import re
from dataclasses import replace
from html import escape

from lagrangian.report.picture import Picture

COLOR = re.compile(r"#[0-9a-fA-F]{6}\b")
PAPER = "#ffffff"
# what is hardly colored is text or paper, and changes places in the dark
GRAY = 0.15


def inline_svg(picture: Picture, number: int = 1) -> str | None:
    """The <svg> element of a picture, the number-th of its page; None where Matplotlib is not installed."""
    drawn = replace(picture, title="")._repr_svg_()  # the page says the title itself
    if drawn is None:
        return None
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>|<title ?/>|<title>.*?</title>", "", drawn, flags=re.DOTALL)
    drawn = _renamed(drawn, f"picture{number}-")
    drawn, colors = COLOR.sub(_variable, drawn), sorted({found.lower() for found in COLOR.findall(drawn)})
    dark = "".join(f"--c{color[1:]}:{in_dark(color)};" for color in colors)
    scope = f"#picture{number}"
    rules = f"{scope}{{fill:currentColor}}{scope} *{{stroke-linejoin:round;stroke-linecap:butt}}"
    rules += f"@media screen and (prefers-color-scheme:dark){{{scope}{{{dark}}}}}"
    drawn = re.sub(r"<style.*?</style>", f"<style>{rules}</style>", drawn, count=1, flags=re.DOTALL)
    size = re.search(r'viewBox="[^"]*"', drawn)
    assert size is not None, "Matplotlib says how large a picture is"
    head = f'<svg id="picture{number}" role="img" aria-label="{escape(picture.describe())}" {size.group()}>'
    return re.sub(r"<svg[^>]*>", lambda _: head, drawn, count=1)


def _renamed(drawn: str, prefix: str) -> str:
    """All names within the picture with a prefix, where they are given and where they are used."""
    drawn = re.sub(r'\bid="', f'id="{prefix}', drawn)
    drawn = drawn.replace("url(#", f"url(#{prefix}")
    return re.sub(r'xlink:href="#', f'href="#{prefix}', drawn)


def _variable(found: re.Match[str]) -> str:
    color = found.group().lower()
    return f"var(--c{color[1:]},{color})"


def in_dark(color: str) -> str:
    """The color that stands for this one on a dark page: paper is dark, ink is light, colors are lighter in the same order.

    >>> in_dark("#ffffff"), in_dark("#222222")
    ('#16181d', '#dddddd')
    """
    if color == PAPER:
        return "#16181d"
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = 1 - light if max(red, green, blue) - min(red, green, blue) < GRAY else 0.5 + 0.4 * light
    shown = colorsys.hls_to_rgb(hue, light, 0.85 * saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in shown)
