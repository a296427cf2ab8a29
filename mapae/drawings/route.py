"""A route as SVG: boxes from left to right, what joins them written on the arrows."""

from __future__ import annotations

from html import escape

_BOX, _GAP, _HEIGHT = 168, 92, 58


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def route(stops: list[str], joins: list[str]) -> str:
    """Draw a route.

    Args:
        stops: names along it, at least two.
        joins: what each stop is to the next; one fewer than stops.

    Returns:
        An ``<svg>`` element.
    """
    width = len(stops) * _BOX + (len(stops) - 1) * _GAP
    out = [f'<svg class="route" viewBox="0 0 {width} {_HEIGHT}" role="img" aria-label="{escape(" → ".join(stops))}">']
    for i, stop in enumerate(stops):
        x = i * (_BOX + _GAP)
        out.append(f'<rect x="{x + 1}" y="12" width="{_BOX - 2}" height="34" rx="5"/>')
        out.append(
            f'<text x="{x + _BOX / 2}" y="33" text-anchor="middle"><title>{escape(stop)}</title>{escape(_short(stop, 24))}</text>'
        )
        if i < len(joins):
            start, end = x + _BOX, x + _BOX + _GAP
            out.append(f'<path d="M{start} 29 H{end - 6}"/><path class="tip" d="M{end} 29 l-8 -4 v8 z"/>')
            out.append(
                f'<text class="join" x="{(start + end) / 2}" y="22" text-anchor="middle">{escape(_short(joins[i], 16))}</text>'
            )
    return "".join(out) + "</svg>"
