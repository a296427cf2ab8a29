"""The room of casework's tests."""

from __future__ import annotations

from casework_room import room

__all__ = ["room"]
