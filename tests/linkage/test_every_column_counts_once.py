"""What makes a link reaches the assessment through the family control alone.

No measure that a misrepresentation indicator reads may count accounts by a link key: neither group by a key's column
and count accounts, nor count a key's holders over a window, nor join a table to itself on a key.
"""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp

from mapae.rules.kinds import Catalogue, load_catalogue

# Columns by which accounts are told apart; what is counted per key when sharing is counted.
WHO = {"account_id", "person_id", "party", "subject"}
# Whose machine a fact is of that names the machine alone: the one account that makes at least four in five of its
# sign-ins. This gives each machine to one account or to none, so that sharing takes facts away and adds none. Word for
# word, or it is refused like anything else.
WHOSE_MACHINE = {
    "used": "select device_id, account_id, count(*) as times from sign_ins where outcome = 'success' "
    "and device_id is not null group by device_id, account_id",
    "totals": "select device_id, sum(times) as times from used group by device_id",
    "holders": "select u.device_id as device_id, min(u.account_id) as account_id from used as u inner join totals as t "
    "on t.device_id = u.device_id and u.times * 5 >= t.times * 4 group by u.device_id",
}


def key_columns(catalogue: Catalogue) -> set[str]:
    """Bare names of all link keys' columns, and the columns that a projection or reader makes of them."""
    named = {c.split(".")[1] for row in catalogue.keys["keys"].values() for c in row["columns"]}
    return named | {f"{c}_received" for c in named} | {c.removesuffix("_folded") for c in named}


def sharing(sql: str, columns: set[str]) -> list[str]:
    """Places of a query that count how many share a link key."""
    found = []
    tree = sqlglot.parse_one(sql, read="duckdb")
    known = {name: sqlglot.parse_one(text, read="duckdb") for name, text in WHOSE_MACHINE.items()}
    whose = [cte for cte in tree.find_all(exp.CTE) if cte.this == known.get(cte.alias)]
    resolved = {cte.alias for cte in whose} if len(whose) == len(known) else set()
    for select in tree.find_all(exp.Select):
        if isinstance(select.parent, exp.CTE) and select.parent.alias in resolved:
            continue
        group = select.args.get("group")
        by = {c.name for g in (group.expressions if group else []) for c in g.find_all(exp.Column)}
        outputs = {c.name for e in select.expressions for c in e.find_all(exp.Column)}
        counted = {c.name for f in select.find_all(exp.Count) for c in f.find_all(exp.Column)}
        if by & columns and not by & WHO and (counted & WHO or not outputs & WHO):
            found.append(f"group by {sorted(by & columns)}")
        for window in select.find_all(exp.Window):
            over = {c.name for e in window.args.get("partition_by") or [] for c in e.find_all(exp.Column)}
            if over & columns and not over & WHO:
                found.append(f"partition by {sorted(over & columns)}")
        for join in select.args.get("joins") or []:
            if join.this.name in resolved:
                continue
            on = join.args.get("on")
            equals = [{c.name for c in equal.find_all(exp.Column)} for equal in on.find_all(exp.EQ)] if on else []
            if any(names & WHO for names in equals):
                continue  # each account beside itself: nothing is shared
            found += [f"join on {sorted(names)}" for names in equals if len(names) == 1 and names <= columns]
    tables = {t.name for t in tree.find_all(exp.Table)}
    found += [f"reads {t}" for t in sorted(tables & {"identifiers", "link", "ring"})]
    return found


def misrepresentation_measures(catalogue: Catalogue) -> set[str]:
    """Measures named in the conditions of misrepresentation indicators, and those that these read."""
    wanted: set[str] = set()
    for indicator in catalogue.indicators.values():
        if indicator.stage == "misrepresentation":
            text = f"{indicator.when} {indicator.known_when}"
            wanted |= {m for m in re.findall(r"\b([a-z_0-9]+)\.", text) if m in catalogue.measures}
    waiting = sorted(wanted)
    while waiting:
        tree = sqlglot.parse_one(catalogue.measures[waiting.pop()].sql, read="duckdb")
        more = {t.name for t in tree.find_all(exp.Table)} & set(catalogue.measures)
        waiting += sorted(more - wanted)
        wanted |= more
    return wanted


def test_no_misrepresentation_measure_counts_the_sharing_of_a_link_key() -> None:
    catalogue = load_catalogue()
    columns = key_columns(catalogue)
    measures = misrepresentation_measures(catalogue)
    assert measures, "the catalogue has misrepresentation indicators"
    assert {m: sharing(catalogue.measures[m].sql, columns) for m in sorted(measures)} == {
        m: [] for m in sorted(measures)
    }


def whose_machine() -> str:
    """A measure that asks whose machine each fact is of."""
    ctes = ", ".join(f"{name} as ({text})" for name, text in WHOSE_MACHINE.items())
    return (
        f"with {ctes} select h.account_id as account_id, count(*) as facts from endpoint_facts as f "
        "inner join holders as h on h.device_id = f.device_id group by h.account_id"
    )


def test_the_check_sees_what_it_must_refuse() -> None:
    columns = key_columns(load_catalogue())
    refused = [
        "select device_id, count(distinct account_id) as n from sign_ins group by device_id",
        "select p.account_id, s.n from payouts as p join (select destination_id, count(distinct account_id) as n "
        "from payouts group by destination_id) as s on s.destination_id = p.destination_id",
        "select account_id, count(account_id) over (partition by phone) as n from accounts",
        "select a.account_id, b.account_id as other from accounts as a join accounts as b on a.photo_phash = b.photo_phash",
        "select ip_64, count(distinct account_id) as people from sign_ins group by ip_64",
        "select authenticator_id, count(distinct account_id) as people from authenticators group by authenticator_id",
        "select a.account_id from equipment as a join equipment as b on a.ship_to_address_folded = b.ship_to_address_folded",
        "select account_id, count(account_id) over (partition by ip_64) as people from applications",
        "select referee_email, count(*) as named from references_given group by referee_email",
        "select referrer_id, count(distinct person_id) as referred from employees group by referrer_id",
        whose_machine().replace("sum(times)", "count(*)"),
        whose_machine().replace("min(u.account_id)", "count(u.account_id)"),
        "select id_document_number, count(*) as n from accounts group by id_document_number",
        "select party, count(*) as n from identifiers group by party",
    ]
    for sql in refused:
        assert sharing(sql, columns), sql
    for sql in [
        whose_machine(),
        "select account_id, count(distinct device_id) as devices from sign_ins group by account_id",
        "select account_id, destination_id, count(*) as n from payouts group by account_id, destination_id",
        "select account_id, ip_64, count(distinct happened_at) as n from sign_ins group by account_id, ip_64",
        "select s.account_id from sign_ins as s semi join endpoint_facts as f on f.account_id = s.account_id and f.device_id = s.device_id",
    ]:
        assert sharing(sql, columns) == [], sql


def test_every_key_names_real_columns_and_kinds_a_guard_a_ceiling_and_who_is_innocent() -> None:
    catalogue = load_catalogue()
    made = {
        literal.name
        for sql in catalogue.projections["identifiers"].origins.values()
        for alias in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Alias)
        if alias.alias == "kind"
        for literal in alias.find_all(exp.Literal)
    }
    for name, row in catalogue.keys["keys"].items():
        assert {"title", "ceiling", "same_hand", "close", "cap", "mark", "why", "guard", "innocent", "cites"} <= set(
            row
        ), name
        assert set(row["kinds"]) <= made, name
        assert int(row["ceiling"]) >= 2 and 0 < float(row["close"]) < float(row["same_hand"]) < 1, name
        assert row["innocent"] and set(row["cites"]) <= set(catalogue.citations), name
        for column in row["columns"]:
            table, bare = column.split(".")
            assert bare in catalogue.tables[table].schema().names, column


def test_keys_on_one_column_part_its_values_between_them() -> None:
    """No value of a column may be of two keys: each would count it. The projection's origins exclude each other."""
    catalogue = load_catalogue()
    keys = catalogue.keys["keys"]
    kinds = [kind for row in keys.values() for kind in row["kinds"]]
    assert len(kinds) == len(set(kinds)), "a kind of identifier belongs to one key"
    columns: dict[str, list[str]] = {}
    for name, row in keys.items():
        for column in row["columns"]:
            columns.setdefault(column, []).append(name)
    assert {column: names for column, names in columns.items() if len(names) > 1} == {}


def test_an_address_on_the_internet_is_a_key_only_where_it_is_a_home_or_was_applied_from() -> None:
    catalogue = load_catalogue()
    named = {c for row in catalogue.keys["keys"].values() for c in row["columns"]}
    assert {c for c in named if c.split(".")[1] in ("ip", "ip_64", "asn")} == {"sign_ins.ip_64", "applications.ip_64"}
    for origin in ("home_line", "recruiting_ip"):
        sql = catalogue.projections["identifiers"].origins[origin]
        assert "coalesce(f.network_kind, 'unknown') in ('residential', 'satellite', 'unknown')" in sql
        assert "not coalesce(f.declared, 1 = 0)" in sql


def test_what_honest_people_close_to_each_other_share_hardly_speaks() -> None:
    """A couple has one home line, one address, perhaps one bank account, telephone and computer, and refers itself."""
    for name in ("device", "payout", "phone", "home_line", "address", "referral", "recruiting_ip"):
        row = load_catalogue().keys["keys"][name]
        assert float(row["same_hand"]) < 2 * float(row["close"]), name


def test_keys_read_nothing_about_what_a_person_is() -> None:
    assert not key_columns(load_catalogue()) & {"nationality_declared", "date_of_birth", "display_name", "legal_name"}
