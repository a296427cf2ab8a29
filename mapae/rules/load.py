"""YAML read as text: every scalar a string (``NO`` is Norway), every mapping with its line numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from mapae.model.errors import RuleRefused


class Mapping(dict[str, Any]):
    """A YAML mapping that knows its own line and that of each key (1-based)."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.line = 0
        self.lines: dict[str, int] = {}
        self.text_lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """Line of a key, or of the mapping where the key is absent."""
        return self.lines.get(key, self.line)

    def text_line_of(self, key: str) -> int:
        """First line of a key's text: of a block text the line below the key."""
        return self.text_lines.get(key, self.line)


class Listing(list[Any]):
    """A YAML list that knows the first line of each of its texts (1-based)."""

    text_lines: list[int]


def _text_line(node: yaml.Node) -> int:
    block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
    return int(node.start_mark.line) + (2 if block else 1)


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Rules need six levels. Deeper texts would end the composer, which goes down by recursion.
DEEPEST = 50


def _marked(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def _look_ahead(text: str) -> None:
    """Refuse aliases (a few lines of them unfold to gigabytes) and great depth before anything is composed."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise _marked("aliases are not read here", event)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _marked(f"it is nested more than {DEEPEST} levels deep", event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _construct(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        listing = Listing(_construct(child) for child in node.value)
        listing.text_lines = [_text_line(child) for child in node.value]
        return listing
    made = Mapping()
    made.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key is a text here", key_node.start_mark)
        key = str(key_node.value)
        if key in made:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        made[key] = _construct(value_node)
        made.lines[key] = key_node.start_mark.line + 1
        made.text_lines[key] = _text_line(value_node)
    return made


def load_text(text: str, where: str = "text") -> Any:
    """Parse YAML text; scalars stay text, mappings are :class:`Mapping`.

    Raises:
        RuleRefused: the text is no YAML, holds an alias, or a key stands twice.

    Example:
        >>> load_text("country: NO")
        {'country': 'NO'}
    """
    loader = None
    try:
        _look_ahead(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        return _construct(node) if node is not None else None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f"{where}:{mark.line + 1}" if mark is not None else where
        raise RuleRefused(
            "A YAML file cannot be read.",
            where=place,
            why=str(getattr(problem, "problem", problem)),
            do="Mend the line named.",
        ) from problem
    finally:
        if loader is not None:
            loader.dispose()


def load_file(path: Path) -> Any:
    """Parse a YAML file (see :func:`load_text`).

    Raises:
        RuleRefused: as :func:`load_text`, or the file is no UTF-8.
    """
    try:
        return load_text(path.read_text("utf-8"), str(path))
    except UnicodeDecodeError as problem:
        raise RuleRefused(
            "A YAML file is not UTF-8.", where=str(path), why=str(problem), do="Save it as UTF-8."
        ) from problem
