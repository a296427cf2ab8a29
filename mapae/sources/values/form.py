"""What a normal form gives back for one value."""

from __future__ import annotations

import re
from typing import NamedTuple

# A keyed hash in place of a document number, telephone number or e-mail address.
HMAC = re.compile(r"hmac:[A-Za-z0-9+/_=-]{16,128}")


class Form(NamedTuple):
    """Outcome for one value: its normal form as text, what is made from it, or why it is refused."""

    value: str | None
    made: tuple[str | None, ...] = ()
    reason: str | None = None


NOTHING = Form(None)


def refused(reason: str) -> Form:
    """A value that breaks the contract."""
    return Form(None, (), reason)
