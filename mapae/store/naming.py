"""How a table's name reads in SQL."""

from __future__ import annotations


def view_name(table: str) -> str:
    """Name of a table as SQL sees it: the part after the last slash; ``rejected/x`` is ``rejected_x``.

    Example:
        >>> view_name("records/sign_ins"), view_name("rejected/sign_ins")
        ('sign_ins', 'rejected_sign_ins')
    """
    folder, _, last = table.rpartition("/")
    return f"rejected_{last}" if folder == "rejected" else last
