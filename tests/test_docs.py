"""The documentation holds what it promises: nothing undocumented, no broken link, no forbidden word, no command that is not there."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mapae.casework import playbooks
from mapae.casework.history import STATES
from mapae.cli.main import COMMANDS, cli
from mapae.model import findings
from mapae.rules import load
from mapae.rules.kinds import Catalogue, load_catalogue
from mapae.settings import Settings
from mapae.settings import load as load_settings
from mapae.sources import layouts

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
HOW_TO = (
    *("add-a-measure", "add-an-indicator", "add-a-provision", "add-a-list", "add-a-table"),
    *("add-a-mapping", "add-an-address-file", "read-a-case", "bring-your-own-data", "first-ten-minutes"),
    *("declare", "work-the-queue", "hand-a-case-on", "watchlists"),
)
OTHERS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE",
    "docs/tour.md",
    "docs/concepts.md",
    "docs/limits.md",
)
# Words that say of somebody what a court or a government alone may say, or that an assessment can never say.
ACCUSING = re.compile(
    r"\b(guilty|proven|proves|terrorists?|criminals?|fraudsters?|perpetrators?|culprits?|confirmed (?:dprk|north korean)|spy|spies|illegal(?:ly)?)\b",
    re.I,
)
# A rule about these words quotes them; such lines say so.
QUOTES_THE_RULE = "never write"
# Words of advertising and of making light, kept out of what users read.
STYLE = re.compile(
    r"\b(simply|easily|obviously|seamless(?:ly)?|powerful|robust|cutting[- ]edge|state[- ]of[- ]the[- ]art|leverage|we|our users|please note)\b",
    re.I,
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|tmp|home)/")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.M)
# Commands as pages write them: in a block of shell, or between backquotes.
COMMAND = re.compile(r"(?:^|`)\s*(?:\.venv/bin/)?mapae ([a-z]+)(?: ([a-z]+))?", re.M)
OPTION = re.compile(r"mapae [a-z]+[^`\n#]*?(--[a-z-]+)")


def pages() -> list[Path]:
    """Every page that people read."""
    top = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
    return [*top, *sorted(DOCS.rglob("*.md"))]


def written() -> list[Path]:
    """Pages written by hand."""
    return [page for page in pages() if page.parent.name != "reference"]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def reference() -> dict[str, str]:
    return {page.stem: page.read_text("utf-8") for page in (DOCS / "reference").glob("*.md")}


def test_the_reference_is_what_the_code_and_the_catalogue_say() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr[-2000:]}"


def test_every_setting_is_documented(reference: dict[str, str]) -> None:
    assert [f.name for f in dataclasses.fields(Settings) if f"| `{f.name}` |" not in reference["settings"]] == []


def test_every_table_and_column_is_documented(reference: dict[str, str], catalogue: Catalogue) -> None:
    parts = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", reference["tables"], re.M | re.S))
    missing = [t for t in catalogue.tables if t not in parts]
    missing += [
        f"{t.name}.{c}"
        for t in catalogue.tables.values()
        for c in t.columns
        if f"| `{c}` |" not in parts.get(t.name, "")
    ]
    assert missing == []


def test_every_rule_and_every_column_of_a_measure_is_documented(
    reference: dict[str, str], catalogue: Catalogue
) -> None:
    ids = [*catalogue.measures, *catalogue.projections, *catalogue.indicators, *catalogue.provisions, *catalogue.lists]
    missing = [i for i in ids if f"| `{i}` |" not in reference["rules"]]
    missing += [
        f"{m.id}.{c.name}"
        for m in catalogue.measures.values()
        for c in m.columns
        if f"`{c.name}`" not in reference["rules"]
    ]
    assert missing == []


def test_every_column_of_a_finding_is_documented(reference: dict[str, str]) -> None:
    columns = {(kind, name) for kind, own in findings.OWN.items() for name, _ in own}
    columns |= {("All kinds", name) for name, _ in findings.COMMON}
    parts = dict(re.findall(r"^## ([\w ]+)\n(.*?)(?=^## |\Z)", reference["findings"], re.M | re.S))
    assert sorted((k, c) for k, c in columns if f"| `{c}` |" not in parts.get(k, "")) == []


def test_every_layout_and_every_list_is_documented(reference: dict[str, str], catalogue: Catalogue) -> None:
    names = [one.name for one in layouts.known(catalogue)] + list(catalogue.lookups)
    assert [n for n in names if f"| `{n}` |" not in reference["layouts"]] == []


def test_every_outcome_band_and_state_is_documented(reference: dict[str, str]) -> None:
    books = playbooks.shipped()
    words = [*(f"| `{o}` |" for o in books.outcomes), *(f"## Playbook: {b.title}" for b in books.bands)]
    words += [f"`{state}`" for state in STATES]
    assert [w for w in words if w not in reference["casework"]] == []


def test_every_link_key_is_documented(reference: dict[str, str], catalogue: Catalogue) -> None:
    assert [k for k in catalogue.keys["keys"] if f"| `{k}` |" not in reference["rules"]] == []


def test_every_fact_and_every_variable_is_documented(reference: dict[str, str], catalogue: Catalogue) -> None:
    words = load.load_file(catalogue.root / "facts.yml")
    assert [w for w in words if f"| `{w}` |" not in reference["rules"]] == []
    code = "\n".join(p.read_text("utf-8") for p in (ROOT / "mapae").rglob("*.py"))
    assert [v for v in set(re.findall(r"\bMAPAE_[A-Z]+\b", code)) if f"| `{v}` |" not in reference["settings"]] == []


def test_every_command_and_option_is_documented(reference: dict[str, str]) -> None:
    missing = []
    for path, command in commands():
        if f"## mapae {path}\n" not in reference["commands"]:
            missing.append(path)
        part = reference["commands"].partition(f"## mapae {path}\n")[2].partition("\n## ")[0]
        missing += [
            f"{path} {o}" for p in command.params if isinstance(p, click.Option) for o in p.opts if o not in part
        ]
    assert missing == []


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its path, groups before what they hold."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found is not None
                yield f"{name} {inner}", found


def test_every_command_that_a_page_names_is_there() -> None:
    there = dict(commands())
    wrong = []
    for page in written():
        for name, second in COMMAND.findall(page.read_text("utf-8")):
            command = there.get(name)
            group = isinstance(command, click.Group)
            if command is None or (group and second and f"{name} {second}" not in there):
                wrong.append(f"{named(page)}: mapae {name} {second}".rstrip())
    assert wrong == []


def test_every_option_that_a_page_gives_a_command_is_there() -> None:
    known = {o for _, c in commands() for p in c.params if isinstance(p, click.Option) for o in p.opts} | {
        "--help",
        "--version",
    }
    assert [f"{named(p)}: {o}" for p in written() for o in OPTION.findall(p.read_text("utf-8")) if o not in known] == []


def test_every_target_of_make_that_a_page_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    there = set(re.findall(r"^([a-z]+):", makefile, re.M))
    told = {(named(p), t) for p in written() for t in re.findall(r"(?:^|`)make ([a-z]+)", p.read_text("utf-8"), re.M)}
    assert sorted((p, t) for p, t in told if t not in there) == []


def test_no_page_is_missing() -> None:
    wanted = [*OTHERS, *(f"docs/how-to/{name}.md" for name in HOW_TO), "docs/decisions/README.md"]
    assert [name for name in wanted if not (ROOT / name).is_file()] == []


def test_every_how_to_and_decision_is_reached_from_its_index() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    assert [p.name for p in (DOCS / "how-to").glob("*.md") if f"how-to/{p.name}" not in index] == []
    decisions = (DOCS / "decisions" / "README.md").read_text("utf-8")
    assert [
        p.name for p in (DOCS / "decisions").glob("*.md") if p.name != "README.md" and f"({p.name})" not in decisions
    ] == []


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(_without_blocks(page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (
            anchor and anchor not in {_anchor(h) for h in HEADING.findall(file.read_text("utf-8"))}
        ):
            broken.append(target)
    assert broken == []


def _without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def test_settings_that_a_page_shows_are_read(tmp_path: Path) -> None:
    for page in written():
        for block in re.findall(r"^```toml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
            file = tmp_path / "mapae.toml"
            file.write_text(block, "utf-8")
            assert load_settings(file) is not None, named(page)


def test_rules_that_a_page_shows_are_in_their_form(tmp_path: Path) -> None:
    """Each YAML block that begins with a kind of rule is held against that kind's schema."""
    from mapae.rules.shapes import check_shape

    shown = []
    for page in (DOCS / "how-to").glob("add-*.md"):
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
            kind = block.partition(":")[0]
            if kind in ("measure", "indicator", "provision", "list", "table", "mapping"):
                file = tmp_path / f"{kind}.yml"
                file.write_text(block, "utf-8")
                check_shape(load.load_file(file), kind, file)
                shown.append(kind)
    assert sorted(shown) == ["indicator", "list", "mapping", "measure", "provision", "table"]


def test_the_measure_and_indicator_of_the_how_to_pass_their_own_cases(tmp_path: Path) -> None:
    import shutil

    from mapae.engine.answering import DuckDBAnswering
    from mapae.rules import check, lock
    from mapae.rules.cases import run_cases
    from mapae.rules.kinds import CATALOGUE
    from mapae.sources.case_rows import read_rows

    root = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, root)
    for page, place in (
        ("add-a-measure", "measures/camera_use.yml"),
        ("add-an-indicator", "indicators/behaviour/always_dark.yml"),
        ("add-a-table", "tables/site_visits.yml"),
    ):
        block = re.findall(r"^```yaml\n(.*?)^```", (DOCS / "how-to" / f"{page}.md").read_text("utf-8"), re.M | re.S)[0]
        (root / place).write_text(block, "utf-8")
    changed = load_catalogue(root)
    locked = set(lock.check(changed))
    assert [p for p in check.problems(changed) if p not in locked] == []
    only = dataclasses.replace(
        changed,
        measures={"camera_use": changed.measures["camera_use"]},
        indicators={"behaviour.always_dark": changed.indicators["behaviour.always_dark"]},
    )
    results = run_cases(only, DuckDBAnswering(), read_rows)
    assert len(results) == 4 and [r for r in results if not r.passed] == []


def test_no_page_and_no_report_calls_anybody_what_a_court_alone_may() -> None:
    texts = [
        *written(),
        *sorted((ROOT / "mapae" / "reports").rglob("*.j2")),
        *sorted((ROOT / "mapae" / "reports").glob("*.py")),
    ]
    found = [
        f"{named(page)}:{number}: {line.strip()[:120]}"
        for page in texts
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        if ACCUSING.search(line) and QUOTES_THE_RULE not in line
    ]
    assert found == []


def test_rules_and_their_sentences_keep_to_the_same_words(catalogue: Catalogue) -> None:
    spoken = [
        (i.id, str(i.data.get(k, "")))
        for i in catalogue.indicators.values()
        for k in ("title", "says", "guard", "limits")
    ]
    spoken += [
        (p.id, str(p.data.get(k, ""))) for p in catalogue.provisions.values() for k in ("title", "says", "limits")
    ]
    assert [(i, text) for i, text in spoken if ACCUSING.search(text)] == []


def test_pages_written_by_hand_keep_to_plain_words() -> None:
    found = [
        f"{named(page)}: {word.group(0)}"
        for page in written()
        for word in STYLE.finditer(_without_blocks(page.read_text("utf-8")))
    ]
    assert found == []


def test_no_page_names_a_path_of_some_machine() -> None:
    assert [named(p) for p in pages() if MACHINE_PATH.search(p.read_text("utf-8"))] == []


def test_the_readme_can_be_read_in_two_minutes() -> None:
    """Prose without blocks: 240 words a minute and room for the drawing."""
    prose = re.sub(r"\]\([^)]*\)", "]", _without_blocks((ROOT / "README.md").read_text("utf-8")))
    assert len(prose.split()) <= 620
