"""A small network as SVG: nodes on a circle in given order, edges as lines with their weight as width."""

from __future__ import annotations

import math
from html import escape

# Beyond this many nodes a drawing tells nobody anything; the table beside it has all.
MOST_NODES = 40


def network(nodes: list[tuple[str, str]], edges: list[tuple[str, str, str]], *, size: int = 460) -> str:
    """Draw nodes and edges.

    Args:
        nodes: (id, label), drawn clockwise from the top.
        edges: (id, id, title); those with an end that is not drawn are left out.
        size: width and height in pixels.

    Returns:
        An ``<svg>`` element; "" where there is nothing to draw.
    """
    drawn = nodes[:MOST_NODES]
    if len(drawn) < 2:
        return ""
    middle, radius = size / 2, size / 2 - 76
    place: dict[str, tuple[float, float]] = {}
    for i, (node, _) in enumerate(drawn):
        angle = 2 * math.pi * i / len(drawn) - math.pi / 2
        place[node] = (middle + radius * math.cos(angle), middle + radius * math.sin(angle))
    out = [f'<svg class="network" viewBox="0 0 {size} {size}" role="img" aria-label="Accounts and what they share">']
    for a, b, title in edges:
        if a in place and b in place:
            (x1, y1), (x2, y2) = place[a], place[b]
            out.append(
                f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"><title>{escape(title)}</title></line>'
            )
    for node, label in drawn:
        x, y = place[node]
        anchor = "middle" if abs(x - middle) < 20 else ("start" if x > middle else "end")
        dx, dy = (0, -12 if y < middle else 20) if anchor == "middle" else (10 if x > middle else -10, 4)
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6"><title>{escape(label)}</title></circle>')
        out.append(f'<text x="{x + dx:.1f}" y="{y + dy:.1f}" text-anchor="{anchor}">{escape(label)}</text>')
    if len(nodes) > len(drawn):
        out.append(f'<text x="{middle}" y="{size - 6}" text-anchor="middle">and {len(nodes) - len(drawn)} more</text>')
    return "".join(out) + "</svg>"
