"""The case page: one file that opens anywhere, says what its JSON says, lets no text out of its place, and accuses nobody."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small import LISTED, Rows, call, key_in, run, small

from mapae.reports import dossier
from mapae.reports.wording import NOT_AN_ACCUSATION, SIMULATED
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace

EVIL = "<script>alert(1)</script>"
QUOTES = """" onmouseover='x' <b>&amp; ]]> --> \u202e"""
# Words of judgement that no report may say of anybody in its own voice (R23).
NEVER_SAID = ("guilty", "proven", "terrorist", "criminal", "convicted", "fraudster")


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


def hostile(made: dict[str, Rows]) -> None:
    """Names and ids that try to be markup, in a ring and on a path."""
    rename = {"a1": f"a1{EVIL}", "acct-on": f"acct-on{EVIL}"}
    for table, columns in {"accounts": ["account_id"], "sign_ins": ["account_id"], "payouts": ["account_id"], "identity_checks": ["account_id"], "messages": ["account_id"], "payments": ["creditor_id"], "ownership": ["owned_id"]}.items():  # fmt: skip
        for row in made[table]:
            for column in columns:
                row[column] = rename.get(row[column], row[column])
    for row in made["accounts"][:4]:
        row["display_name"], row["headline"] = EVIL + row["display_name"], QUOTES
    made["payments"][0]["creditor_name"] = EVIL
    made["sign_ins"][0]["city"] = f"{EVIL} {QUOTES}"


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = small(tmp_path_factory.mktemp("case") / "w", hostile)
    made.settings_file.write_text("simulated = true\n")
    run(made)
    return made


@pytest.fixture(scope="module")
def pages(space: Workspace) -> dict[str, Path]:
    """Case files of a ring, an account, a listed party and a party between."""
    with OpenRun.last(space.root) as held:
        subjects = ["ring:a0", "account:a0", "account:a9", f"party:{LISTED}", f"party:acct-on{EVIL}"]
        return {subject: dossier.write(held, subject, space.root / "cases")[0] for subject in subjects}


class Page(HTMLParser):
    """Tags with their attributes, and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_stands_alone(pages: dict[str, Path]) -> None:
    for path in pages.values():
        text = path.read_text("utf-8")
        page = Page(text)
        assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & {
            tag for tag, _ in page.tags
        }
        for _, attributes in page.tags:
            assert not [a for a in attributes if a.startswith("on")]
            assert not {"src", "href", "srcset", "action", "data"} & set(attributes)
        style = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
        assert "@import" not in style and "url(" not in style
        assert "@media print" in style


def test_markup_in_names_and_ids_stays_text(pages: dict[str, Path]) -> None:
    text = pages["ring:a0"].read_text("utf-8")
    assert EVIL not in text and "<b>&amp;" not in text and html.escape(EVIL) in text
    assert EVIL in Page(text).text
    for path in pages.values():
        assert "<script" not in path.read_text("utf-8").lower()
        assert re.fullmatch(r"[A-Za-z0-9.-]+\.html", path.name)


def test_a_simulated_workspace_says_so_first_and_last(pages: dict[str, Path]) -> None:
    for path in pages.values():
        assert path.read_text("utf-8").count(SIMULATED) == 2
        assert json.loads(path.with_suffix(".json").read_text("utf-8"))["simulated"] == SIMULATED


def test_every_page_carries_its_limits_dates_rules_and_notice(pages: dict[str, Path]) -> None:
    for subject, path in pages.items():
        text = Page(path.read_text("utf-8")).text
        assert NOT_AN_ACCUSATION in text and "False positives exist" in text, subject
        for said in (
            "What is not known",
            "Sources",
            "Rules and weights used",
            "Law, lists and evidence as of 2026-",
            "Absent evidence is unknown",
        ):
            assert said in text, f"{subject}: {said}"
        assert len(re.findall(r"\b[0-9a-f]{12}\b", text)) > 20  # hashes of the rules


def test_signs_carry_innocent_explanations_and_guards(pages: dict[str, Path]) -> None:
    text = Page(pages["account:a0"].read_text("utf-8")).text
    case = json.loads(pages["account:a0"].with_suffix(".json").read_text("utf-8"))
    assert case["signs"]
    for sign in case["signs"]:
        assert sign["innocent"] and "; ".join(sign["innocent"]) in text
        assert sign["says"] in text and sign["grounds"] and sign["grounds_n"] >= len(sign["grounds"])


def test_the_page_says_what_its_json_says(pages: dict[str, Path]) -> None:
    case = json.loads(pages["ring:a0"].with_suffix(".json").read_text("utf-8"))
    text = re.sub(r"\s+", " ", Page(pages["ring:a0"].read_text("utf-8")).text)
    assert f"{case['assessment']['weight']} for" in text and "not calibrated on your data" in text
    assert f"{case['assessment']['permille'] / 10:.1f} %" not in text
    assert len(case["members"]) == 4 and all(m["subject"] in text for m in case["members"])
    for determination in case["law"]:
        for element in determination["elements"]:
            assert re.search(
                rf"{re.escape(element['element'])}\s*{re.escape(element['asks'])}\s*{element['verdict']}", text
            ), element["element"]
    assert case["law"] and case["paths"] and all(p["says"] in text for p in case["paths"])
    assert all(s["sha256"][:16] in text for s in case["sources"])


def test_no_page_judges(pages: dict[str, Path], space: Workspace) -> None:
    for path in pages.values():
        words = set(re.findall(r"[a-z]+", Page(path.read_text("utf-8")).text.lower()))
        assert not words & set(NEVER_SAID), path.name
    told = call("status", space.root)
    assert not set(re.findall(r"[a-z]+", told.out.lower())) & set(NEVER_SAID)


def test_a_match_on_a_name_alone_is_called_no_result(pages: dict[str, Path]) -> None:
    text = Page(pages["account:a9"].read_text("utf-8")).text
    assert "a name alone is no result" in text and "possible" in text


def test_the_command_writes_both_files_and_an_unknown_subject_is_said(space: Workspace, tmp_path: Path) -> None:
    told = call("case", "a2", space.root, "--out", tmp_path / "out")
    assert told.code == 0
    assert [Path(line).name for line in told.out.splitlines()] == ["account-a2.html", "account-a2.json"]
    told = call("case", "account:nobody", space.root, "--out", tmp_path / "out")
    assert (
        told.code == 1
        and "found nothing about account:nobody" in told.err
        and "mapae status lists subjects" in told.err
    )
    (tmp_path / "file").write_text("")
    told = call("case", "a2", space.root, "--out", tmp_path / "file")
    assert told.code == 1 and "cannot be written" in told.err and "Traceback" not in told.text


# ---- in a browser


def browse(page: Path, folder: Path, *flags: str) -> subprocess.CompletedProcess[bytes]:
    """Open a page from the disk in a browser without a screen and without a network."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("there is no chromium on this machine")
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--proxy-server=127.0.0.1:9",
        f"--user-data-dir={folder / 'browser'}", *flags, page.as_uri(),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        out, _ = process.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        pytest.skip("the browser of this machine did not answer within 90 seconds")
    return subprocess.CompletedProcess(command, process.returncode, out)


def test_the_page_opens_in_a_browser_as_written(pages: dict[str, Path], tmp_path: Path) -> None:
    done = browse(pages["ring:a0"], tmp_path, "--dump-dom")
    assert done.returncode == 0
    dom = done.stdout.decode()
    page = Page(dom)
    for heading in (
        "Accounts that look like one hand",
        "Signs, and what else could explain them",
        "Who stands behind it",
        "Which law, on what evidence, and what is missing",
        "What is not known",
    ):
        assert heading in page.text
    assert "script" not in {tag for tag, _ in page.tags} and EVIL in page.text
    assert {"svg", "table", "details"} <= {tag for tag, _ in page.tags}


def test_the_page_prints(pages: dict[str, Path], tmp_path: Path) -> None:
    pdf = tmp_path / "case.pdf"
    done = browse(pages["ring:a0"], tmp_path, f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    assert done.returncode == 0
    data = pdf.read_bytes()
    assert data.startswith(b"%PDF-") and len(re.findall(rb"/Type\s*/Page\b", data)) >= 2
