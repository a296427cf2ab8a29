"""How an Entra sign-in ended, by its error code; the spellings of success and failure where there is none."""

from __future__ import annotations

from typing import Any

from mapae.sources.log_cells import filled

# Codes after which the user was asked for more and may go on: interrupts and second factors
# (learn.microsoft.com/entra/identity-platform/reference-error-codes).
_CHALLENGE = frozenset(
    [
        "50055",
        "50058",
        "50072",
        "50074",
        "50076",
        "50078",
        "50079",
        "50097",
        "50125",
        "50127",
        "50129",
        "50140",
        "50144",
        "50158",
        "50199",
        "50203",
        "51006",
        "16000",
        "16001",
        "16003",
        "65001",
        "70044",
        "81010",
        "81012",
        "500121",
        "502031",
    ]
)
# Codes by which a policy of the tenant kept the user out.
_DENIED = frozenset(
    [
        "50105",
        "50131",
        "53000",
        "53001",
        "53002",
        "53003",
        "53004",
        "53009",
        "530021",
        "530031",
        "530032",
        "530033",
        "530034",
    ]
)
_SUCCESS = frozenset(("success", "sucess", "succeeded", "true"))
_FAILURE = frozenset(("failure", "failed", "fail", "false"))


def outcome(status: Any, code: Any, result: Any, signature: Any) -> str:
    """A word of ``outcome``.

    Args:
        status: ``status`` as object (``errorCode``) or as a word of the portal's CSV.
        code: the portal's error code.
        result: ``ResultType``: a code, or a word.
        signature: ``ResultSignature``, a word.
    """
    given = [status.get("errorCode") if type(status) is dict else None, code, result]
    for one in given:
        text = filled(one)
        if text is None or not text.removesuffix(".0").isdigit():
            continue
        number = text.removesuffix(".0").lstrip("0")
        if not number:
            return "success"
        return "challenge" if number in _CHALLENGE else "denied" if number in _DENIED else "failure"
    for one in (status, result, signature):
        word = one.strip().lower() if type(one) is str else ""
        if word in _SUCCESS:
            return "success"
        if word in _FAILURE:
            return "failure"
        if word == "interrupted":
            return "challenge"
    return "unknown"
