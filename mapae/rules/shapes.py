"""Shapes of rules: each kind's JSON Schema in ``schemas/``, and refusals that name line and remedy."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema

from mapae.model.errors import RuleRefused
from mapae.rules import load

SCHEMAS = Path(__file__).resolve().parent / "schemas"
# Value of a schema that says in words what to write at a place; shown to whoever wrote something else.
ADVICE = "description"


def check_shape(data: Any, word: str, path: Path) -> None:
    """Hold a rule's file against the JSON Schema of its kind.

    Args:
        data: what :func:`mapae.rules.load.load_file` gave.
        word: the kind, also the file's first key, as ``measure``.
        path: the file, for the message.

    Raises:
        RuleRefused: the first breach by line, with file and line, what is wrong and what to write.
    """
    if not isinstance(data, dict):
        raise RuleRefused(
            "A rule's file holds no mapping.",
            where=f"{path}:1",
            why=f"it holds {_kind_of(data)}",
            do=f"Begin the file with '{word}:'.",
        )
    breaches = sorted(_flat(_validator(word).iter_errors(data)), key=lambda e: (_line(data, e), str(e.message)))
    if not breaches:
        return
    first = breaches[0]
    more = f" ({len(breaches) - 1} more in this file)" if len(breaches) > 1 else ""
    raise RuleRefused(
        f"A rule of kind {word} is not in its form{more}.",
        where=f"{path}:{_line(data, first)}",
        why=_why(first),
        do=_advice(first),
    )


@functools.cache
def _validator(word: str) -> Any:
    schema = json.loads((SCHEMAS / f"{word}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _flat(errors: Iterable[Any]) -> Iterable[Any]:
    """Breaches at their leaf: of a choice between forms, those of the form that came closest."""
    for error in errors:
        if error.context:
            best = jsonschema.exceptions.best_match([error])
            yield best if best is not None else error
        else:
            yield error


def _line(data: Any, error: Any) -> int:
    """Line of the innermost key on the way to the breach (1-based)."""
    line = data.line if isinstance(data, load.Mapping) else 1
    here = data
    for part in error.absolute_path:
        if isinstance(here, load.Mapping) and part in here:
            line = here.line_of(part)
        here = here[part]
        if isinstance(here, load.Mapping) and not isinstance(part, str):
            line = here.line
    unknown = _unknown_keys(error)
    if unknown and isinstance(here, load.Mapping):
        line = min(here.line_of(key) for key in unknown)
    return max(line, 1)


def _unknown_keys(error: Any) -> list[str]:
    if error.validator != "additionalProperties" or not isinstance(error.instance, dict):
        return []
    return sorted(set(error.instance) - set(error.schema.get("properties", {})))


def _why(error: Any) -> str:
    place = ".".join(str(part) for part in error.absolute_path)
    at = f"{place}: " if place else ""
    unknown = _unknown_keys(error)
    if unknown:
        return f"{at}unknown key {', '.join(unknown)}"
    if error.validator == "required":
        missing = sorted(set(error.validator_value) - set(error.instance))
        return f"{at}{', '.join(missing)} missing"
    if error.validator == "pattern":
        return f"{at}{error.instance!r} is not of the form {error.validator_value}"
    if error.validator == "enum":
        return f"{at}{error.instance!r} is none of {', '.join(map(str, error.validator_value))}"
    if error.validator == "type":
        wanted = _TYPES.get(str(error.validator_value), error.validator_value)
        return f"{at}{_kind_of(error.instance)} where {wanted} belongs"
    return f"{at}{error.message}"


def _advice(error: Any) -> str:
    unknown = _unknown_keys(error)
    if unknown:
        return "Known keys here: " + ", ".join(sorted(error.schema.get("properties", {}))) + "."
    if error.validator == "required":
        hints = []
        for name in sorted(set(error.validator_value) - set(error.instance)):
            text = error.schema.get("properties", {}).get(name, {}).get(ADVICE, "")
            hints.append(f"{name}: {text}" if text else f"add {name}")
        return "Write " + "; ".join(hints) + "."
    return str(error.schema.get(ADVICE, "See docs/how-to."))


_TYPES = {"string": "a text", "object": "a mapping", "array": "a list"}


def _kind_of(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "a text"
