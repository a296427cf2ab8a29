"""schedule, notify and the webhook text: nothing installed, nothing sent unasked, nothing of anybody's in it."""

from __future__ import annotations

import dataclasses
import http.server
import json
import shlex
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small import call, key_in, run, small

from mapae.casework.alerts import Alert, Board
from mapae.casework.cases import Case
from mapae.casework.history import Past
from mapae.cli import main
from mapae.model.errors import MapaeError, WrongUse
from mapae.reports import schedule, webhook
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace

for _name in ("schedule", "notify"):
    main.COMMANDS.setdefault(_name, ("mapae.cli.daily", "A command of these reports."))


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = small(tmp_path_factory.mktemp("outgoing") / "w", lists=False)
    run(made)
    return made


def board() -> Board:
    """A board with one new case of four people (the ring of the small workspace) and one of a single person."""
    ring = Case(
        "ring:a0", ("a0", "a1", "a2", "a3"), tuple(f"account:a{i}" for i in range(4)), "f" * 32, "yes", 1140, -660, 940,
        {"control": ("x",), "network": ("y",)}, (), "d",
    )  # fmt: skip
    alone = dataclasses.replace(
        ring, ref="account:a9", people=("a9",), members=("account:a9",), centibits=400, families={"network": ("z",)}
    )
    empty: tuple[Alert, ...] = ()
    return Board(
        (Alert(ring, Past()), Alert(alone, Past())),
        (Alert(alone, Past()),),
        empty,
        empty,
        empty,
        empty,
        empty,
        4021,
        300,
        20,
        2,
        0,
    )


def test_the_webhook_text_is_counts_and_words_alone(space: Workspace) -> None:
    with OpenRun.last(space.root) as held:
        body = webhook.text(held, board())
    told = json.loads(body)
    assert (told["new"], told["open"], told["people"]) == (2, 1, 4021)
    assert told["cases"][0]["people"] == 4 and told["cases"][0]["shared"] == ["device", "payout"]
    assert told["cases"][0]["families"] == ["control", "network"] and told["cases"][1]["shared"] == []
    assert told["text"].startswith("Mapae: 2 new cases among 4,021 people, 1 open. Worst: 4 people (")
    for value in (
        "a0",
        "a9",
        "Person",
        "example.org",
        "192.0.2",
        "acct-ring",
        "d-ring",
        "ring:",
        "account:",
        "bits",
        "%",
    ):
        assert value not in body, value


def test_the_webhook_is_printed_or_written_and_never_sent(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was asked for")

    monkeypatch.setattr(socket, "create_connection", no)
    monkeypatch.setattr(socket, "getaddrinfo", no)
    told = call("export", "webhook", space.root)
    assert told.code == 0 and json.loads(told.out)["people"] == 40
    assert call("export", "webhook", space.root, "--out", tmp_path / "hook.json").code == 0
    assert (tmp_path / "hook.json").read_text() == told.out
    assert call("schedule", space.root, "--print").code == 0


class _Receiver(http.server.BaseHTTPRequestHandler):
    got: list[bytes] = []
    answer = 204

    def do_POST(self) -> None:
        type(self).got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.answer)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[str]:
    _Receiver.got, _Receiver.answer = [], 204
    server = http.server.HTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/secret-token"
    server.shutdown()
    thread.join()
    server.server_close()


def test_notify_posts_once_where_it_is_told_to(space: Workspace, receiver: str) -> None:
    told = call("notify", space.root, "--url", receiver)
    assert told.code == 0 and "the receiver answered 204" in told.out
    assert len(_Receiver.got) == 1 and json.loads(_Receiver.got[0])["people"] == 40


def test_a_receiver_that_refuses_is_said_without_its_secret(space: Workspace, receiver: str) -> None:
    _Receiver.answer = 500
    told = call("notify", space.root, "--url", receiver)
    assert told.code == 1 and "it answered 500" in told.err and "secret-token" not in told.text
    with pytest.raises(MapaeError, match="not delivered"):
        webhook.send("{}", "http://127.0.0.1:1/secret-token")
    for url in ("file:///etc/passwd", "ftp://example.org", "example.org"):
        with pytest.raises(WrongUse):
            webhook.send("{}", url)


def test_schedule_prints_and_installs_nothing(space: Workspace) -> None:
    told = call("schedule", space.root, "--print", "--at", "6:05")
    assert told.code == 0 and "Nothing was installed" in told.out
    assert "\n5 6 * * * " in told.out and "OnCalendar=*-*-* 06:05:00" in told.out and str(space.root) in told.out
    assert call("schedule", space.root).code == 2 and call("schedule", space.root, "--print", "--at", "25:00").code == 2


def test_paths_are_quoted_for_cron_and_for_systemd() -> None:
    path = Path('/data/a b/50% $HOME "x"/it\'s')
    line = schedule.cron(["/opt/my tools/mapae"], path)
    command = line.split(" * * * ")[1].replace("\\%", "%")
    assert shlex.split(command) == ["/opt/my tools/mapae", "run", str(path), "--quiet"] and "%" not in line.replace(
        "\\%", ""
    )
    unit = schedule.service(["/opt/my tools/mapae"], path)
    assert 'ExecStart="/opt/my tools/mapae" "run" "/data/a b/50%% $$HOME \\"x\\"/it\'s" "--quiet"' in unit
    with pytest.raises(WrongUse):
        schedule.cron(["mapae"], Path("/data/a\nb"))
