"""The screener says whom a query may be, how surely and why, and its answer depends on the query alone (made-up list)."""

from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mapae.screening
from mapae.screening import queries
from mapae.screening.queries import OWNED, Document, Entry, Match, Paper, Query
from mapae.screening.screener import Screener


def entry(id_: str, schema: str, *names: str, **more: object) -> Entry:
    told = tuple((n, "primary" if i == 0 else "strong") for i, n in enumerate(names)) + tuple(more.pop("weak", ()))  # type: ignore[call-overload, operator]
    made = {
        "list": "made_up",
        "snapshot": "2026-01-05",
        "programme": "SIM",
        "authority": "Made-up Office",
        "digest": id_,
    }
    return Entry(id=id_, schema=schema, caption=names[0], names=told, **{**made, **more})  # type: ignore[arg-type]


ENTRIES = [
    entry(
        "p1", "Person", "RI Yong Mu", "Ri Yong-moo", births=(("1966-02-10", False),), countries=("kp",),
        documents=(Paper("PS472310111", ("kp",)), Paper("927220424")), emails=("rym@listed.example",),
        weak=(("The Carpenter", "weak"), ("Mu", "weak")),
    ),
    entry("p2", "Person", "Abdul Rahman Yasin", births=(("1960", False), ("1958", True)), countries=("iq",)),
    entry("p3", "Person", "Dawood Ibrahim Kaskar"),
    entry("o1", "Organization", "Korea Simulated Mining Trading Corporation", domains=("ksmt.example",), countries=("kp",)),
    entry("o2", "Company", "Yong Mu Trading", imos=("5342883",), countries=("kp",)),
    entry("v1", "Vessel", "CHONG SIM 2", imos=("9187629",), countries=("kp",)),
    entry("w1", "Organization", "Lazarus Simulated Group", wallets=("0x098b716b8aaf21512996dc57eb0615e2383e2f96",)),
    entry("a1", "Company", "Onward Simulated Holding", owned=OWNED, chain=("Onward is owned by RI Yong Mu (p1, listed): 60 %",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def screener() -> Screener:
    return Screener(ENTRIES)


def one(screener: Screener, entry_id: str, **asked: object) -> Match | None:
    return next((m for m in screener.screen(Query(**asked)) if m.entry == entry_id), None)  # type: ignore[arg-type]


def test_a_name_alone_is_possible_and_says_list_entry_programme_authority_alias_and_day(screener: Screener) -> None:
    match = one(screener, "p1", name="Ri Yong-mu")
    assert match is not None and match.level == "possible" and match.bits == match.centibits / 100 > 10
    assert (match.list, match.name, match.programme, match.authority) == (
        "made_up",
        "RI Yong Mu",
        "SIM",
        "Made-up Office",
    )
    assert (match.alias, match.quality, match.snapshot) == ("RI Yong Mu", "primary", "2026-01-05")
    assert any("yong" in reason for reason in match.why)


def test_plain_rows_make_a_screener() -> None:
    rows = [
        {
            "entry": "x1",
            "name": "RI Yong Mu",
            "schema": "Person",
            "list": "mine",
            "birth_date": "1966-02-10",
            "document": "A-12345@kp",
        },
        {"entry": "x1", "name": "Ri Yong-moo", "list": "mine", "quality": "strong"},
        {"entry": "x2", "name": "CHONG SIM 2", "schema": "Vessel", "list": "mine", "imo": "9187629"},
    ]
    made = mapae.screening.Screener.from_rows(rows)
    assert [(m.entry, m.level) for m in made.screen(Query("Ri Yong Mu", birth_date="1966-02-10"))] == [("x1", "strong")]
    assert [(m.entry, m.level) for m in made.screen(Query(documents=("A12345@KP",), imo="9187629"))] == [
        ("x1", "exact"),
        ("x2", "exact"),
    ]
    assert made.screen(Query("Ri Yong-moo"))[0].alias_quality == "strong"


def test_a_name_of_one_short_word_is_found_as_printed_and_not_in_a_longer_name() -> None:
    made = Screener([entry("r1", "Organization", "ROC"), entry("r2", "Person", "MAK")])
    assert [m.entry for m in made.screen(Query("Roc"))] == ["r1"] and [m.entry for m in made.screen(Query("MAK"))] == [
        "r2"
    ]
    assert made.screen(Query("Roc Smith")) == [] and made.screen(Query("Mak Ho Yin")) == []


def test_nobody_is_nobody(screener: Screener) -> None:
    for name in ("Maria Garcia Lopez", "", "😀", "\u200f", "K", "a" * 10_000):
        assert screener.screen(Query(name)) == []
    assert screener.screen(Query()) == [] and Screener([]).screen(Query("RI Yong Mu", imo="9187629")) == []


@pytest.mark.parametrize(
    ("born", "says", "level"),
    [
        ("1966-02-10", "the same date of birth", "strong"),
        ("1966", "agrees as far as told", "possible"),
        ("1966-02", "agrees as far as told", "possible"),
        ("1966-02-11", "the same year of birth, another day", "possible"),
        ("1971-02-10", "another year of birth", "possible"),
        ("", "none asked about, the entry has 1966-02-10", "possible"),
        ("soon", "is no date", "possible"),
    ],
)
def test_a_birth_date_agrees_contradicts_or_is_absent(screener: Screener, born: str, says: str, level: str) -> None:
    match = one(screener, "p1", name="RI Yong Mu", birth_date=born)
    assert match is not None and match.level == level
    assert any("birth" in reason and says in reason for reason in match.why)


def test_agreeing_weighs_more_than_absent_and_absent_more_than_contradicting(screener: Screener) -> None:
    bits = {b: one(screener, "p1", name="RI Yong Mu", birth_date=b) for b in ("1966-02-10", "1966", "", "1980")}
    weighed = [m.centibits for m in bits.values() if m is not None]
    assert len(weighed) == 4 and weighed == sorted(weighed, reverse=True) and len(set(weighed)) == 4


def test_a_birth_date_told_as_about_contradicts_only_from_far(screener: Screener) -> None:
    near, far = (one(screener, "p2", name="Abdul Rahman Yasin", birth_date=b) for b in ("1956-01-01", "1950-01-01"))
    assert near is not None and far is not None
    assert any("agrees" in w for w in near.why) and any("another year" in w for w in far.why)


def test_an_entry_without_a_birth_date_says_so(screener: Screener) -> None:
    match = one(screener, "p3", name="Dawood Ibrahim Kaskar", birth_date="1955-12-26", countries=("in",))
    assert match is not None
    assert {"date of birth: the entry has none", "country: the entry has none"} <= set(match.why)
    bare = one(screener, "p3", name="Dawood Ibrahim Kaskar")
    assert bare is not None and {"date of birth: on neither side", "country: on neither side"} <= set(bare.why)
    assert match.centibits == bare.centibits


def test_a_contradiction_takes_a_near_name_below_the_threshold_but_never_the_very_name(screener: Screener) -> None:
    assert one(screener, "p1", name="RI Yong Mu", birth_date="1990-01-01", countries=("us",)) is not None
    near = one(screener, "p3", name="Dawod Ibrahm Kaskar")
    assert near is not None and near.centibits < 3000


@pytest.mark.parametrize(
    ("papers", "name", "level"),
    [
        ((Document("PS-472 310111", "KP"),), "", "exact"),
        (("PS472310111@kp",), "", "exact"),
        (("ps472310111",), "", "strong"),
        (("ps472310111",), "Ri Yong Mu", "exact"),
        ((Document("927220424", "kp"),), "", "strong"),
        ((Document("PS472310111", "cn"),), "", None),
        (("4723",), "", None),
    ],
)
def test_a_document_is_exact_where_number_and_country_agree(
    screener: Screener, papers: tuple[Document | str, ...], name: str, level: str | None
) -> None:
    match = one(screener, "p1", documents=papers, name=name)
    assert (match.level if match else None) == level


def test_a_document_of_another_country_leaves_the_name_possible_and_says_so(screener: Screener) -> None:
    match = one(screener, "p1", name="RI Yong Mu", documents=(Document("PS472310111", "cn"),))
    assert match is not None and match.level == "possible"
    assert any("issued by another country" in reason for reason in match.why)


def test_a_ship_is_its_imo_number_first_and_its_name_second(screener: Screener) -> None:
    renamed = one(screener, "v1", name="Sea Flower", schema="Vessel", imo="IMO 9187629")
    assert renamed is not None and renamed.level == "exact" and "the names do not match" in renamed.why
    named = one(screener, "v1", name="CHONG SIM 2", schema="Vessel")
    assert named is not None and named.level == "possible"
    other = one(screener, "v1", name="CHONG SIM 2", schema="Vessel", imo="9074729")
    assert other is not None and other.centibits < named.centibits
    assert any("another IMO number" in reason for reason in other.why)


def test_wallets_mails_and_domains_match_by_their_normal_form(screener: Screener) -> None:
    wallet = one(screener, "w1", wallet=" 0x098B716B8AAF21512996DC57EB0615E2383E2F96 ")
    mail = one(screener, "p1", email="mailto:RYM@Listed.Example")
    host = one(screener, "o1", domain="https://www.KSMT.example/")
    staff = one(screener, "o1", email="someone@ksmt.example")
    levels = [m.level if m else None for m in (wallet, mail, host, staff)]
    assert levels == ["exact", "exact", "strong", "possible"]
    assert one(screener, "w1", wallet="0x098b716b8aaf21512996dc57eb0615e2383e2f97") is None


def test_a_host_of_many_and_an_open_mailbox_say_nothing() -> None:
    crowd = [entry(f"c{i}", "Company", f"Firm Simulated {i}", domains=("host.example", "gmail.com")) for i in range(5)]
    assert Screener(crowd).screen(Query(domain="host.example")) == []
    assert Screener(crowd[:1]).screen(Query(domain="gmail.com")) == []
    assert [m.level for m in Screener(crowd[:1]).screen(Query(domain="host.example"))] == ["strong"]
    assert [m.level for m in Screener(crowd[:2]).screen(Query(domain="host.example"))] == ["possible"] * 2


@pytest.mark.parametrize("name", ["The Carpenter", "Mu", "carpenter the"])
def test_a_weak_alias_alerts_with_further_evidence_alone(screener: Screener, name: str) -> None:
    assert one(screener, "p1", name=name) is None
    assert one(screener, "p1", name=name, birth_date="1990-01-01") is None
    for more in ({"birth_date": "1966-02-10"}, {"birth_date": "1966"}, {"countries": ("kp",)}):
        match = one(screener, "p1", name=name, **more)
        assert match is not None and (match.level, match.quality) == ("possible", "weak")
    papered = one(screener, "p1", name=name, documents=("PS472310111@kp",))
    assert papered is not None and papered.level == "exact"


def test_a_near_weak_alias_is_none(screener: Screener) -> None:
    assert one(screener, "p1", name="The Carpentr", birth_date="1966-02-10") is None


def test_a_person_is_no_body_and_only_a_ship_is_a_ship(screener: Screener) -> None:
    assert one(screener, "o1", name="Korea Simulated Mining Trading", schema="Person") is None
    assert one(screener, "o1", name="Korea Simulated Mining Trading Co., Ltd.", schema="Company") is not None
    assert one(screener, "v1", name="Chong Sim 2", schema="Company") is None
    assert one(screener, "v1", name="Chong Sim 2") is not None
    assert one(screener, "p1", name="RI Yong Mu", schema="LegalEntity") is not None


def test_what_listed_parties_own_is_possible_with_its_chain(screener: Screener) -> None:
    match = one(screener, "a1", name="Onward Simulated Holding")
    assert match is not None and match.level == "possible" and match.owned == OWNED
    assert match.why[:2] == [OWNED, "Onward is owned by RI Yong Mu (p1, listed): 60 %"]


def test_the_clearest_comes_first(screener: Screener) -> None:
    levels = [m.level for m in screener.screen(Query("RI Yong Mu", imo="9187629", domain="ksmt.example"))]
    assert levels == sorted(levels, key=queries.LEVELS.index) and set(levels) == {"exact", "strong", "possible"}


WORDS = [
    *("ri", "lee", "yong", "mu", "moo", "abdul", "rahman", "yasin", "yasn", "dawood", "ibrahim", "kaskar", "kaskr"),
    *("korea", "mining", "simulated", "trading", "group", "lazarus", "chong", "sim", "2", "the", "carpenter", "리용무"),
]


def many(n: int, seed: int) -> list[Query]:
    chance = random.Random(seed)
    return [
        Query(
            " ".join(chance.choices(WORDS, k=chance.randint(1, 4))), chance.choice(["", "Person", "Company", "Vessel"]),
            birth_date=chance.choice(["", "", "1966-02-10", "1966", "1980"]), countries=chance.choice([(), ("kp",), ("us",)]),
            imo=chance.choice(["", "", "9187629"]),
        )
        for _ in range(n)
    ]  # fmt: skip


def test_ten_thousand_pairs_score_the_same_fresh_and_after_a_thousand_others() -> None:
    asked = many(1_250, 1)  # of each the answer about all eight entries: 10,000 pairs
    fresh = Screener(ENTRIES).screen_many(asked)
    assert sum(map(len, fresh)) > 300
    used = Screener(ENTRIES[::-1])
    used.screen_many(many(1_000, 2))
    order = list(range(len(asked)))
    random.Random(3).shuffle(order)
    after = used.screen_many([asked[i] for i in order])
    assert all(after[place] == fresh[i] for place, i in enumerate(order))
    assert [used.screen(q) for q in asked[:200]] == fresh[:200]


def test_ids_change_no_score() -> None:
    asked = many(300, 4)
    renamed = [dataclasses.replace(e, id=f"z{90 - i}", digest="") for i, e in enumerate(ENTRIES)]

    def scores(entries: list[Entry]) -> list[list[tuple[str, int, str]]]:
        return [sorted((m.level, m.centibits, m.name) for m in found) for found in Screener(entries).screen_many(asked)]

    assert scores(ENTRIES) == scores(renamed)


@given(
    st.builds(
        Query, st.text(max_size=40), st.sampled_from(["", "Person", "Nothing"]), st.text(max_size=12),
        st.tuples(st.text(max_size=4)), st.tuples(st.text(max_size=12)), *[st.text(max_size=20)] * 4,
    )
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_text_may_be_asked_in_any_place(screener: Screener, asked: Query) -> None:
    assert all(m.level in queries.LEVELS for m in screener.screen(asked))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("1971", "1971"),
        ("1971/02/03", "1971-02-03"),
        ("19710203", "1971-02-03"),
        ("1971-02-03T00:00:00", "1971-02-03"),
        ("3 Feb 1971", "1971-02-03"),
    ],
)
def test_birth_dates_are_read_in_one_way(text: str, made: str) -> None:
    assert queries.birth_date(text) == made


@pytest.mark.parametrize("text", ["03/02/1971", "1971-13-01", "soon", "71"])
def test_a_birth_date_that_may_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        queries.birth_date(text)


@pytest.mark.parametrize(
    "name", ["리용무", "이용무", "李勇武", "Ли Ён Му", "Lee Yong-moo", "リ・ヨンム", "Rhee Yongmu"]
)
def test_a_korean_name_is_found_in_every_script_and_order_of_letters(screener: Screener, name: str) -> None:
    match = one(screener, "p1", name=name)
    assert match is not None and match.level == "possible" and match.centibits >= 1000


@pytest.mark.parametrize("name", ["리용남", "Ri Yong Nam", "Kim Yong Mu", "李勇男"])
def test_a_syllable_that_differs_is_another_name_in_every_script(screener: Screener, name: str) -> None:
    assert one(screener, "p1", name=name) is None
