"""Plain words to saved questions: names fill parameters, a title asks its question, and what is not held is said."""

import csv
import re
import shutil
import statistics
from pathlib import Path

import pytest

import effort
import material
from oewg_kg import terms
from oewg_kg.errors import UsageError
from oewg_kg.find import by_name
from oewg_kg.find.ranking import Finder, Offer
from oewg_kg.knowledge_graph import KnowledgeGraph

ZERO = "document:oewg1-zero-draft"
OURS = Path(__file__).parent / "wordings.csv"
GIVEN = material.folder("OEWG_PAGES").parent / "wordings.csv"


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def current(kg: KnowledgeGraph, value: str) -> str:
    """Give an entity the name that it has today: tables keep those it had before."""
    named = re.fullmatch(r"(?:document|event|list|post|process):\S+", value)
    return terms.compact(by_name.resolve_name(kg.dataset, value).value) if named else value


def accepted(kg: KnowledgeGraph, offer: Offer, acceptable: str) -> bool:
    """Tell whether an offer is one of `name:parameter=value;... | oewg command`; what is not set has its default."""
    for one in map(str.strip, acceptable.split(" | ")):
        if one.startswith("oewg "):
            if offer.command.startswith(one):
                return True
            continue
        name, _, wanted = one.partition(":")
        if offer.name == name:
            defaults = {p.name: p.default.strip('"') for p in kg.questions[name].parameters}
            pairs = [pair.split("=", 1) for pair in wanted.split(";") if pair]
            given = defaults | offer.values
            if all(given[key].casefold() == current(kg, value).casefold() for key, value in pairs):
                return True
    return False


def shares(kg: KnowledgeGraph, rows: list[dict[str, str]]) -> tuple[float, float, float]:
    """Measure how often a right offer is first, how often among four, and how often nothing is offered for what has no answer."""
    places, declined = [], []
    for row in rows:
        offers = kg.find(row["wording"]).offers
        assert len(offers) <= 4
        if row["answerable"] == "yes":
            right = [accepted(kg, one, row["acceptable"]) for one in offers]
            places.append(right.index(True) if True in right else 9)
        else:
            declined.append(not offers)
    return (
        statistics.mean(place == 0 for place in places),
        statistics.mean(place < 9 for place in places),
        statistics.mean(declined),
    )


# What was reached, a little below. What to expect of words not seen is what each set reached before its words were taken up: `second`
# had a right question first for 53%, among four for 69%, and declined 14 of 15; `third`, written after that, 65%, 83% and 5 of 7;
# `fourth` 73%, 83% and 18 of 20; `fifth`, after adjectives, parts of names and `only` were read, 73%, 83% and 16 of 20; `sixth`, after
# that, 86%, 92% and 13 of 16. The words of `seventh` were not taken up: 70%, 90% and 8 of 10 at first. One person wrote these
# four, two of them at the same time; another wrote `eighth`: 75%, 93% and 9 of 12, before three kinds of words without an answer were
# added.
@pytest.mark.parametrize(
    ("use", "least"),
    [
        ("tuned", (0.8, 0.95, 0.98)),
        ("held out", (0.88, 0.97, 0.9)),
        ("second", (0.85, 0.95, 0.95)),
        ("third", (0.8, 0.95, 0.8)),
        ("fourth", (0.9, 0.95, 0.9)),
        ("fifth", (0.8, 0.9, 0.9)),
        ("sixth", (0.9, 0.94, 0.85)),
        ("seventh", (0.66, 0.83, 0.8)),
        ("eighth", (0.75, 0.9, 0.9)),
    ],
)
@pytest.mark.slow
def test_our_own_wordings_find_their_question(use: str, least: tuple[float, ...], kg: KnowledgeGraph) -> None:
    rows = read(OURS)
    assert len(rows) >= 300 and 4 * sum(row["answerable"] == "no" for row in rows) > len(rows)
    reached = shares(kg, [row for row in rows if row["use"] == use])
    assert all(share >= bound for share, bound in zip(reached, least, strict=True)), reached


def test_the_wordings_given_find_their_question(kg: KnowledgeGraph) -> None:
    rows = read(material.needed("OEWG_PAGES", GIVEN, "the table of wordings beside the pages"))
    first, among_four, declined = shares(kg, rows)
    assert (first >= 0.65, among_four >= 0.9, declined >= 0.9) == (True, True, True), (first, among_four, declined)


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("did Iran comment on the zero draft", "actor-on-draft", {"actor": "state:IRN", "draft": "document:oewg1-zero-draft"}),
        ("did irann commennt on ZD", "actor-on-draft", {"actor": "state:IRN", "draft": "document:oewg1-zero-draft"}),
        ("who was in charge in may 2022?", "tenures-at-date", {"day": "2022-05-15"}),
        ("what came in between 17 november and 3 december 2020", "contributions-between-dates", {"from": "2020-11-17", "to": "2020-12-03"}),
        ("compare estonia with singapor", "compare", {"actors": "state:EST,state:SGP"}),
        ("asian states in the first oewg", "contributors-of-class", {"class": "kind:m49-142"}),
        ("small island states that contributed", "contributors-of-class", {"class": "kind:sids"}),
        ("anything on internatonal humanitarian law", "things-on-topic", {"topic": "topic:international-humanitarian-law"}),
        ("what happened in july 2023", "what-happened", {"from": "2023-07-01", "to": "2023-07-31"}),
        ("Sitzungen der OEWG 2021-2025", "sessions-of-process", {"process": "process:ict-oewg-2021-2025"}),
        ("letters by the chair of the GGE", "letters-of-chair", {"chair": "post:ict-gge-2019-2021-chair"}),
        ("pairs of co-hosts at least three times", "co-host-pairs", {"least": "3"}),
        ("papers from ict 4 peace", "contributions-of-actor", {"actor": "stakeholder:ict4peace"}),
        ("tech accord submissions", "contributions-of-actor", {"actor": "stakeholder:techaccord"}),
        ("the Filipinos on the zerodraft", "actor-on-draft", {"actor": "state:PHL", "draft": "document:oewg1-zero-draft"}),
        ("commented only on the zero draft", "states-on-only-one-draft", {"first": ZERO, "second": "document:oewg1-pre-draft"}),
        ("what was contributed since november 2020", "contributions-between-dates", {"from": "2020-11-01", "to": "2024-12-31"}),
        ("what was contributed from 1 to 3 December 2020", "contributions-between-dates", {"from": "2020-12-01", "to": "2020-12-03"}),
        ("sessions of the 2021 to 2025 group", "sessions-of-process", {"process": "process:ict-oewg-2021-2025"}),
        ("texts in spanish", "texts-in-language", {"language": "lang:es"}),
        ("states in either list", "actors-in-lists", {"match": "any", "actor-class": "oewg:State"}),
        ("who was in charge from 1 to 3 December 2020", "tenures-at-date", {"day": "2020-12-02"}),
        ("who was in charge from 1 to 28 February 2021", "tenures-at-date", {"day": "2021-02-15"}),
        ("what was contributed after 12 March 2021", "contributions-between-dates", {"from": "2021-03-13", "to": "2024-12-31"}),
        ("what was contributed since 12 March 2021", "contributions-between-dates", {"from": "2021-03-12", "to": "2024-12-31"}),
        ("what was contributed before 2021", "contributions-between-dates", {"to": "2020-12-31"}),
        ("what was contributed until 2021", "contributions-between-dates", {"to": "2021-12-31"}),
        ("which states may have contributed in March 2021", "contributions-between-dates", {"from": "2021-03-01", "to": "2021-03-31"}),
        ("what was contributed in march or may 2021", "contributions-between-dates", {"from": "2021-03-01", "to": "2021-05-31"}),
        ("what was contributed in may and june 2021", "contributions-between-dates", {"from": "2021-05-01", "to": "2021-06-30"}),
        ("contributions of March, May and June 2021", "contributions-between-dates", {"from": "2021-03-01", "to": "2021-06-30"}),
        ("pairs of co-hosts more than 5 times", "co-host-pairs", {"least": "6"}),
        ("most active actors over five lists", "most-active-actors", {"least": "6"}),
        ("most active actors over the last session in at least 3 lists", "most-active-actors", {"least": "3"}),
        ("most active actors over the years", "most-active-actors", {"least": None}),
        ("actors by printed name with 'Côte d'Ivoire'", "actors-by-printed-name", {"text": "Côte d'Ivoire"}),
        ("actors by printed name with “People's Republic”", "actors-by-printed-name", {"text": "People's Republic"}),
        ("actors by printed name in Russia's and China's papers", "actors-by-printed-name", {"text": None}),
        ("states silent on the ZD after commenting on the pre-draft", "states-on-only-one-draft", {"first": "document:oewg1-pre-draft"}),
    ],
)  # fmt: skip
def test_names_and_days_fill_parameters(text: str, name: str, values: dict[str, str], kg: KnowledgeGraph) -> None:
    offers = {one.name: one for one in kg.find(text).offers}
    assert {key: offers[name].values.get(key) for key in values} == values
    assert kg.ask(name, **offers[name].values).question is not None


def test_a_negation_turns_the_question_round(kg: KnowledgeGraph) -> None:
    assert kg.find("which states commented on the zero draft").offers[0].name == "actors-on-draft"
    assert kg.find("which states did NOT comment on the zero draft").offers[0].name == "states-not-on-draft"
    assert kg.find("which states commented on both drafts").offers[0].name == "states-on-both-drafts"
    assert kg.find("which states commented on neither draft").offers[0].name == "states-on-neither-draft"


def test_only_a_title_or_a_name_is_exact(kg: KnowledgeGraph) -> None:
    for name, saved in kg.questions.items():
        assert [(one.exact, one.offers[0].name) for one in map(kg.find, (name, saved.summary))] == [(True, name)] * 2
    assert not kg.find("who chaired").exact


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("what is France's position on the programme of action", "do not contain positions"),
        ("full text of the zero draft", "do not contain the texts"),
        ("what was decided in july 2025", "nothing later"),
        ("phone number of the chair", "no personal data"),
        ("security council debate", "not about other bodies"),
        ("asdf qwer", "no saved question fits"),
    ],
)
def test_what_the_graph_does_not_hold_is_said(text: str, reason: str, kg: KnowledgeGraph) -> None:
    found = kg.find(text)
    assert found.offers == ()
    assert reason in found.missing


def test_what_nothing_fits_is_said_by_the_folder_of_questions(kg: KnowledgeGraph, tmp_path: Path) -> None:
    """What our data covers is not said of other data."""
    assert "nothing after 2024" in kg.find("asdf qwer").missing
    shutil.copy(kg.root.queries / "states-on-both-drafts.rq", tmp_path)
    assert Finder(kg.dataset, tmp_path).find("asdf qwer").missing == "no saved question fits these words"


def test_every_offer_has_its_command(kg: KnowledgeGraph) -> None:
    asked = ["where do the sources disagree", "Katherine Prizeman", "who is Estonia", "where does a fact come from"]
    offers = [one.command for text in asked for one in kg.find(text).offers]
    assert all(command.startswith("oewg ") for command in offers)
    assert {"oewg conflicts", "oewg show person:katherine-prizeman", "oewg why NAME"} <= set(offers)


def test_it_says_which_words_fit(kg: KnowledgeGraph) -> None:
    assert set(kg.find("did iran comment on the zero draft").offers[0].matched) == {"iran", "zero draft", "comment"}


@pytest.mark.parametrize("text", ["", " ?! ", "x" * 501])
def test_an_invalid_text_is_refused(text: str, kg: KnowledgeGraph) -> None:
    with pytest.raises(UsageError):
        kg.find(text)


def test_names_and_words_are_prepared_once_and_not_for_each_text(kg: KnowledgeGraph) -> None:
    prepared = effort.calls(lambda: Finder(kg.dataset, kg.root.queries))
    kg.find("warm")
    asked = [effort.calls(lambda text=row["wording"]: kg.find(text)) for row in read(OURS)[:60]]
    assert statistics.median(asked) < prepared / 6


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("side events Canada", "event:oewg2-session-7-side-9"),
        ("Canada side event", "event:oewg2-session-7-side-9"),
        ("Kaspersky submissions", "contribution:oewg1-st-kaspersky-3"),
        ("vote 75/240", "document:a-res-75-240"),
        ("2021-03-10", "document:oewg1-letter-2021-4"),
        ("notes verbales", "document:oewg1-note-verbale-2"),
        ("I.R. Iran", "state:IRN"),
    ],
)
def test_things_are_found_by_words_about_them(text: str, best: str, kg: KnowledgeGraph) -> None:
    found = kg.search(text)
    assert best in [short(one.iri) for one in found]
    claims = [one.kind == "claim" for one in found]
    assert claims == sorted(claims), "things come before claims"


def short(iri: str) -> str:
    return iri.removeprefix("https://w3id.org/oewg-kg/").replace("/", ":", 1)
