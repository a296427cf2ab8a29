"""What others share of what they have seen: the layouts in which it comes. A CSV of the table ``watchlist`` is read as any table."""

from __future__ import annotations

from mapae.sources.layout import Layout
from mapae.sources.misp import Misp
from mapae.sources.stix import Stix

LAYOUTS: tuple[Layout, ...] = (Stix(), Misp())
