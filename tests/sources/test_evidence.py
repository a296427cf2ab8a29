"""evidence.yaml: cited items in, kept or quarantined with their number and the reason."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from mapae.model.errors import InputRefused
from mapae.rules.kinds import CATALOGUE, Catalogue, Provision, read_rule
from mapae.rules.load import Mapping, load_file
from mapae.sources.evidence import SOURCE_KINDS, fact_words, read
from mapae.sources.reading import REJECTED, Reading

SOURCE = "0123456789abcdef"
GOOD = 'id: k1, subject: "party:us-v-knoot", name: Matthew Isaac Knoot, fact: hosted, says: ran a laptop farm, cite: "U.S. Department of Justice, 7 May 2026"'
DATES = "since: 2022-07, until: 2023-08-08, known_from: 2026-05-07"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    law = {
        r.id: r
        for p in sorted((CATALOGUE / "law").rglob("*.yml"))
        if isinstance(r := read_rule(p, "provision", Provision), Provision)
    }
    return Catalogue(CATALOGUE, {}, {}, {}, law, {}, {}, Mapping(), Mapping(), Mapping())


def reading(tmp_path: Path, catalogue: Catalogue, text: str) -> Reading:
    path = tmp_path / "evidence.yaml"
    path.write_text(text, "utf-8")
    return read(path, SOURCE, catalogue)


def rows(made: Reading, table: str = "records/evidence") -> list[dict[str, Any]]:
    return list(made.tables[table].to_pylist())


def refusal(made: Reading) -> tuple[str, str]:
    [row] = rows(made, "rejected/evidence")
    return row["column"], row["reason"]


def test_an_item_is_kept_with_its_source_and_number(tmp_path: Path, catalogue: Catalogue) -> None:
    made = reading(tmp_path, catalogue, f"- {{{GOOD}, {DATES}, source_kind: court}}\n")
    [row] = rows(made)
    assert (row["item"], row["fact"], row["source_kind"], row["mapae_source"], row["mapae_row"]) == (
        "k1",
        "hosted",
        "court",
        SOURCE,
        1,
    )
    assert made.counts.balanced() and made.counts.kept == 1


def test_a_partial_date_is_a_range_of_days(tmp_path: Path, catalogue: Catalogue) -> None:
    made = reading(
        tmp_path, catalogue, f"- {{{GOOD}, since: 2021, until: 2022-02, known_from: 2026-05, source_kind: court}}\n"
    )
    [row] = rows(made)
    assert (row["since"], row["until"], row["known_from"]) == (
        dt.date(2021, 1, 1),
        dt.date(2022, 2, 28),
        dt.date(2026, 5, 31),
    )


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (("fact: hosted", "fact: hostted"), "fact"),
        (("source_kind: court", "source_kind: rumour"), "source_kind"),
        (("source_kind: court", "source_kind: ''"), "source_kind"),
        (('cite: "U.S. Department of Justice, 7 May 2026"', "cite: ''"), "cite"),
        (("known_from: 2026-05-07", "known_from: ''"), "known_from"),
        (("known_from: 2026-05-07", "known_from: 07/05/2026"), "known_from"),
        (("known_from: 2026-05-07", "known_from: 0000-01-01"), "known_from"),
        (("known_from: 2026-05-07", "known_from: 9999-12-31"), "known_from"),
        (("since: 2022-07", "since: 2022-02-30"), "since"),
        (("since: 2022-07", "since: 2024"), "until"),
        (('subject: "party:us-v-knoot"', "subject: Knoot"), "subject"),
        (("says: ran a laptop farm", "says: [a, list]"), "says"),
        (("id: k1", 'id: "k\\u0007"'), "id"),
        (("fact: hosted", "fact: admission"), ""),
    ],
)
def test_what_breaks_the_contract_is_quarantined_with_column_and_reason(
    tmp_path: Path, catalogue: Catalogue, change: tuple[str, str], column: str
) -> None:
    text = f"- {{{GOOD}, {DATES}, source_kind: court}}\n".replace(*change)
    made = reading(tmp_path, catalogue, text)
    assert made.counts.balanced()
    if not column:
        assert made.counts.kept == 1
        return
    assert refusal(made)[0] == column
    assert rows(made) == []
    assert made.tables["rejected/evidence"].schema == REJECTED


def test_a_source_kind_that_cannot_show_the_fact_is_refused(tmp_path: Path, catalogue: Catalogue) -> None:
    made = reading(
        tmp_path, catalogue, f"- {{{GOOD}, {DATES}, source_kind: press}}\n".replace("fact: hosted", "fact: listed_dprk")
    )
    assert refusal(made) == ("source_kind", "listed_dprk cannot be shown by press")


def test_one_bad_item_leaves_the_others(tmp_path: Path, catalogue: Catalogue) -> None:
    good = f"- {{{GOOD}, {DATES}, source_kind: court}}\n"
    text = (
        good + "- just words\n" + good + good.replace("id: k1", "id: k2") + good.replace("says: ran", "says: never ran")
    )
    made = reading(tmp_path, catalogue, text)
    assert [r["item"] for r in rows(made)] == ["k1", "k2"]
    assert [r["mapae_row"] for r in rows(made, "rejected/evidence")] == [2, 5]
    assert (made.counts.read, made.counts.kept, made.counts.equal, made.counts.rejected) == (5, 2, 1, 2)


def test_a_key_that_nobody_reads_is_said(tmp_path: Path, catalogue: Catalogue) -> None:
    made = reading(tmp_path, catalogue, f"- {{{GOOD}, {DATES}, source_kind: court, untill: 2024}}\n")
    assert made.notes == ["item 1: untill is not read"]


def test_testimony_is_sworn(tmp_path: Path, catalogue: Catalogue) -> None:
    assert (
        rows(reading(tmp_path, catalogue, f"- {{{GOOD}, {DATES}, source_kind: testimony}}\n"))[0]["source_kind"]
        == "sworn"
    )


@pytest.mark.parametrize(
    "text",
    [
        "- {id: a\n- b: [",
        "a: b\n",
        "plain words\n",
        "- &x {id: a}\n- *x\n",
        "- {id: a, id: b}\n",
        "[" * 5000 + "]" * 5000,
    ],
)
def test_a_file_that_is_no_list_of_items_is_refused_in_one_message(
    tmp_path: Path, catalogue: Catalogue, text: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        reading(tmp_path, catalogue, text)
    assert "evidence.yaml" in refused.value.where and refused.value.do


def test_a_refused_file_names_the_line(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(InputRefused) as refused:
        reading(tmp_path, catalogue, f"- {{{GOOD}, {DATES}, source_kind: court}}\n- {{id: k2, id: k3}}\n")
    assert refused.value.where.endswith(":2")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "evidence.yaml"
    path.write_bytes(b"- {id: \xff\xfe}\n")
    with pytest.raises(InputRefused):
        read(path, SOURCE, catalogue)


def test_an_empty_file_holds_nothing(tmp_path: Path, catalogue: Catalogue) -> None:
    made = reading(tmp_path, catalogue, "")
    assert (made.counts.read, rows(made)) == (0, [])


def test_an_alias_bomb_is_refused_at_once(tmp_path: Path, catalogue: Catalogue) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(InputRefused):
        reading(tmp_path, catalogue, bomb)


def test_the_demo_s_evidence_is_kept_whole(catalogue: Catalogue) -> None:
    made = read(CATALOGUE / "demo" / "evidence.yaml", SOURCE, catalogue)
    assert rows(made, "rejected/evidence") == []
    assert made.notes == []
    kept = rows(made)
    assert len(kept) >= 40 and len({r["subject"] for r in kept}) >= 10
    assert all(r["name"] for r in kept)


def test_every_word_of_a_provision_has_a_meaning(catalogue: Catalogue) -> None:
    vocabulary = load_file(CATALOGUE / "facts.yml")
    assert set(fact_words(catalogue)) == set(vocabulary)
    assert all(v["means"] and set(v.get("kinds", [])) <= set(SOURCE_KINDS) for v in vocabulary.values())
