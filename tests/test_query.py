"""Questions: headers are read strictly, values are bound and never pasted, what is wrong is told with suggestions."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from conftest import ROOT, Run, one_line
from oewg_kg import query, terms
from oewg_kg.errors import ParseError, StorageError, UsageError
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.vocabulary import BASE, PREFIXES

GOOD = "#+ summary: Which?\n#+ definition: all\n"
TEXT = (ROOT / "tests" / "mini" / "queries" / "contributions-on.rq").read_text()
XSD = PREFIXES["xsd"]


@pytest.fixture
def saved() -> SavedQuery:
    return query.parse("contributions-on", TEXT)


def rows(kg: KnowledgeGraph, saved: SavedQuery, **values: str) -> list[str]:
    given = {name.replace("_", "-"): value for name, value in values.items()}
    found = query.run(kg.dataset, saved, query.bind(kg.dataset, saved, given))
    return [str(row[1].value) for row in found.rows]  # type: ignore[union-attr]


def test_a_header_is_read(saved: SavedQuery) -> None:
    assert saved.summary == "Who contributed to a draft?"
    assert saved.tags == ("drafts", "small")
    assert [(p.name, p.type, p.choices) for p in saved.parameters] == [
        ("draft", "iri", "oewg:Document"),
        ("since", "date", ""),
        ("at-least", "integer", ""),
        ("word", "string", ""),
    ]
    assert saved.readings == (
        query.Reading("only contributions since May 2020 count", {"since": "2020-05-01"}, see=False),
        query.Reading("the report", {"draft": "document:mini-report"}, see=True),
    )
    assert saved.parameter("at_least") is saved.parameter("at-least")


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("SELECT * {}", "queries/q.rq:1:1", "the header has no summary; write a line '#+ summary: ...'"),
        ("#+ summary: Which?\nSELECT * {}", "queries/q.rq:1:1", "the header has no definition"),
        ("#+ summary: \n#+ definition: x\nSELECT * {}", "queries/q.rq:1:1", "the header has no summary"),
        (GOOD + "#+ param x iri\n", "queries/q.rq", ""),
        (GOOD + "#+ param x: iri\nSELECT * {}", "queries/q.rq:3:1", "a parameter line has the form "),
        (GOOD + "#+ param x: iri = a:b\nSELECT * {}", "queries/q.rq:3:1", "TYPE is iri or iris (with choices)"),
        (GOOD + "#+ param x: colour = red\nSELECT * {}", "queries/q.rq:3:1", "a parameter line has the form "),
        (GOOD + "#+ param: date = x\nSELECT * {}", "queries/q.rq:3:1", "a parameter line has the form "),
        (GOOD + "#+ param x: integer = 1\nSELECT * {}", "queries/q.rq", "the query has no line 'VALUES ?x { 1 }'"),
    ],
)
def test_a_wrong_header_is_reported_with_its_place(text: str, place: str, what: str) -> None:
    if not what:
        assert query.parse("q", text).parameters == (), "a line that is no header line is a comment"
        return
    with pytest.raises(ParseError) as error:
        query.parse("q", text)
    assert error.value.where == place
    assert what in str(error.value)


def test_every_saved_question_is_read_and_stands_alone() -> None:
    found = query.load(ROOT / "queries")
    assert len(found) >= 12
    for name, one in found.items():
        ox.Store().query(one.text)
        assert one.name == name


def test_an_unknown_question_is_reported_with_the_nearest() -> None:
    folder = ROOT / "queries"
    with pytest.raises(UsageError, match="no question 'states-on-both-draft'; did you mean states-on-both-drafts"):
        query.find(folder, "states-on-both-draft")
    with pytest.raises(UsageError, match=r"did you mean .*deadlines"):
        query.find(folder, "deadline")
    with pytest.raises(UsageError, match="see `oewg questions` for all of them"):
        query.find(folder, "xyzzy")
    with pytest.raises(UsageError):
        query.find(folder, "rules/cax-sco")
    with pytest.raises(UsageError):
        query.find(folder, "../queries/deadlines")


@pytest.mark.parametrize(
    "written",
    [
        "document:mini-report",
        BASE + "document/mini-report",
        f"<{BASE}document/mini-report>",
        "Report of the small world",
        "  REPORT of the  small-world ",
    ],
)
def test_a_thing_is_named_by_curie_iri_or_label(written: str, saved: SavedQuery, mini_kg: KnowledgeGraph) -> None:
    assert rows(mini_kg, saved, draft=written) == ["Türkiye"]


def test_each_type_of_parameter_is_bound(saved: SavedQuery, mini_kg: KnowledgeGraph) -> None:
    assert rows(mini_kg, saved) == ["Estonia", "Iran (Islamic Republic of)"]
    assert rows(mini_kg, saved, since="2020-05-01") == ["Iran (Islamic Republic of)"]
    assert rows(mini_kg, saved, at_least="8") == ["Iran (Islamic Republic of)"]
    assert rows(mini_kg, saved, at_least="0") == ["Estonia", "Iran (Islamic Republic of)"]
    assert rows(mini_kg, saved, word="Est") == ["Estonia"]
    assert rows(mini_kg, saved, draft="document:mini-report", word="Tür", since="2020-01-01") == ["Türkiye"]
    bound = query.bind(mini_kg.dataset, saved, {"since": "2020-05-01", "at-least": "5", "word": "5"})
    assert bound == {
        "since": ox.Literal("2020-05-01", datatype=ox.NamedNode(XSD + "date")),
        "at_least": ox.Literal("5", datatype=ox.NamedNode(XSD + "integer")),
        "word": ox.Literal("5"),
    }


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("since", "May 2020", "'May 2020' is not a valid date for \"since\"; use YYYY-MM-DD"),
        ("since", "2020-13-01", 'is not a valid date for "since"'),
        ("since", "2021-02-29", 'is not a valid date for "since"'),
        ("since", "20200501", 'is not a valid date for "since"'),
        ("since", "2020-W01-1", 'is not a valid date for "since"'),
        ("since", "", 'is not a valid date for "since"'),
        ("since", "٢٠٢٠-٠٥-٠١", 'is not a valid date for "since"'),
        ("at-least", "five", "'five' is not a valid integer for \"at-least\"; use digits"),
        ("at-least", "-1", "'-1' is not a valid integer for \"at-least\"; use digits"),
        ("at-least", "1.5", 'is not a valid integer for "at-least"'),
        ("at-least", "٣", 'is not a valid integer for "at-least"'),
        ("at-least", "1 }", 'is not a valid integer for "at-least"'),
        ("draft", "Repot of the small world", 'did you mean "Report of the small world" (document:mini-report)'),
        ("draft", "zero", 'did you mean "Zero Draft of the small world" (document:mini-zero-draft)'),
        ("draft", "xyzzy", 'choose, for example, "Report of the small world" (document:mini-report), '),
        ("draft", "", "'' is not a valid value for \"draft\""),
        (
            "draft",
            "state:EST",
            "'state:EST' is not a valid value for \"draft\": it is recorded as another kind of entity, ",
        ),
        ("draft", "Estonia", 'it is recorded as another kind of entity, "Estonia" (state:EST); choose another value'),
        ("draft", "document:mini-repot", 'did you mean "Report of the small world" (document:mini-report)?'),
        ("drfat", "x", "contributions-on has no setting 'drfat'; its settings: draft, since, at-least, word"),
    ],
)
def test_a_wrong_value_is_reported_with_suggestions(
    name: str, value: str, told: str, saved: SavedQuery, mini_kg: KnowledgeGraph
) -> None:
    with pytest.raises(UsageError) as error:
        query.bind(mini_kg.dataset, saved, {name: value})
    assert told in str(error.value)


def test_a_name_of_several_things_is_reported_with_all_of_them(saved: SavedQuery, mini: Path) -> None:
    import oewg_kg

    place = mini / "data" / "works.ttl"
    place.write_text(
        f'<{BASE}document/other> a <{PREFIXES["oewg"]}Draft> ; <{PREFIXES["skos"]}altLabel> "report of the small world" .'
    )
    kg = oewg_kg.load(str(mini))
    with pytest.raises(UsageError, match="is ambiguous; choose one of document:mini-report, document:other"):
        query.bind(kg.dataset, saved, {"draft": "Report of the small world"})


@pytest.mark.parametrize(
    "value",
    [
        '"} UNION {',
        '" } ?s ?p ?o . VALUES ?y { "',
        "Est\nonia",
        "\\u0022 }",
        '"""',
        "'",
        "\\",
        "?actorLabel",
        "state:EST",
        "$",
        "",
        "é" * 1000,
    ],
)
def test_a_value_is_bound_and_never_pasted(value: str, saved: SavedQuery, mini_kg: KnowledgeGraph) -> None:
    bound = query.bind(mini_kg.dataset, saved, {"word": value})
    assert bound == {"word": ox.Literal(value)}
    names = ["Estonia", "Iran (Islamic Republic of)"]
    assert rows(mini_kg, saved, word=value) == [name for name in names if value in name]


def test_rows_are_distinct_and_each_has_the_lines_that_prove_it(saved: SavedQuery, mini_kg: KnowledgeGraph) -> None:
    p1 = PREFIXES["source"] + "oewg-2019-2021#L"
    result = query.run(mini_kg.dataset, saved, {})
    assert result.columns == ("actor", "actorLabel", "length")
    assert result.citations == ((p1 + "2",), (p1 + "4",))


def test_lines_of_one_row_are_gathered_in_the_order_of_the_page() -> None:
    one = query.parse("q", GOOD + "SELECT * {}")
    lines = [ox.NamedNode(PREFIXES["source"] + "oewg-2019-2021#L" + str(n)) for n in (10, 9, 9)]
    a = ox.Literal("a")
    result = query.collect(one, ["x", "line", "firstLine"], [(a, line, None) for line in lines])
    assert result.columns == ("x",)
    assert result.rows == ((a,),)
    assert result.citations == ((lines[1].value, lines[0].value),)


@pytest.mark.parametrize("text", ["ASK {}", "SELECT ?x {} LIMIT 0", "DESCRIBE <http://a/b>"])
def test_a_saved_question_is_a_select(text: str, mini_kg: KnowledgeGraph) -> None:
    one = query.parse("q", GOOD + text)
    if text.startswith("SELECT"):
        assert query.run(mini_kg.dataset, one, {}).rows == ()
    else:
        with pytest.raises(ParseError, match=r"queries/q\.rq:1:1: a SELECT query is needed"):
            query.run(mini_kg.dataset, one, {})


WRONG = "SELECT ?s\nWHERE {\n    ?s nowhere:p ?o }\n"
PLACES = {
    "queries/wrong.rq": ("#+ summary: a\n" + "#+ definition: b\n" + WRONG, ["ask", "wrong"], ":5:"),
    "queries/rules/cax-sco.rq": ("CONSTRUCT { ?x a ?y }\n" + WRONG.partition("\n")[2], ["build"], ":3:"),
    "queries/checks/wrong-violation.rq": (WRONG, ["validate"], ":3:"),
    "data/wrong.ttl": ("<http://a/a>\n  nowhere:p 1 .", ["build"], ":2:"),
    "data/sources/oewg-2021-2025.trig": ("\n<http://a/a> { <http://a/a> nowhere:p 1 }", ["ask", "adoptions"], ":2:"),
    "ontology/concepts.ttl": ("<http://a/a> nowhere:p 1 .", ["info"], ":1:"),
    "shapes/wrong.ttl": ("\n\n<http://a/a> nowhere:p 1 .", ["validate"], ":3:"),
}


@pytest.mark.parametrize("file", PLACES)
def test_a_syntax_error_names_file_line_and_column(file: str, mini: Path, oewg: Run) -> None:
    text, command, line = PLACES[file]
    (mini / file).write_text(text)
    done = oewg(*command)
    assert done.exit_code == 3
    assert done.stdout == ""
    place = one_line(done.stderr).removeprefix("oewg: ").partition(": ")[0]
    assert place.startswith(file + line)
    assert place.rpartition(":")[2].isdigit()


def test_a_syntax_error_in_a_query_of_ones_own_names_its_file(tmp_path: Path, oewg: Run) -> None:
    (tmp_path / "mine.rq").write_text(WRONG)
    done = oewg("query", str(tmp_path / "mine.rq"))
    assert done.exit_code == 3
    assert one_line(done.stderr).startswith(f"oewg: {tmp_path}/mine.rq:3:")
    assert one_line(oewg("query", "-", stdin=WRONG).stderr).startswith("oewg: query:3:")
    assert one_line(oewg("query", "-q", WRONG).stderr).startswith("oewg: query:3:")


def test_a_saved_question_that_is_not_utf8_is_reported(mini: Path) -> None:
    (mini / "queries" / "old.rq").write_bytes(b"#+ summary: \xe9")
    with pytest.raises(ParseError, match=r"queries/old\.rq: the file is not UTF-8 text; save it as UTF-8"):
        query.find(mini / "queries", "old")
    (mini / "queries" / "old.rq").unlink()
    (mini / "queries" / "old.rq").mkdir()
    with pytest.raises(StorageError):
        query.load(mini / "queries")


@pytest.mark.filterwarnings("ignore::oewg_kg.errors.QueryWarning")  # each term asked for is unknown
def test_our_prefixes_are_always_there(mini_kg: KnowledgeGraph) -> None:
    for prefix in [*PREFIXES]:
        assert mini_kg.query(f"ASK {{ {prefix}:99999 ?p ?o }}") is False
    assert mini_kg.query("PREFIX state: <http://example.org/> ASK { state:EST ?p ?o }") is False


def test_a_function_that_the_engine_does_not_know_is_reported(mini_kg: KnowledgeGraph) -> None:
    with pytest.raises(ParseError, match=r"is not supported; use only functions of SPARQL 1\.1"):
        mini_kg.query("SELECT (<http://example.org/f>(1) AS ?x) {}")


@pytest.mark.parametrize(
    "text", ["", "INSERT DATA { <a:a> <a:a> 1 }", "DROP ALL", "SELECT", "LOAD <file:///etc/passwd>"]
)
def test_what_is_not_a_query_is_refused(text: str, mini_kg: KnowledgeGraph) -> None:
    before = len(mini_kg.dataset.store)
    with pytest.raises(ParseError, match="query:1:"):
        mini_kg.query(text)
    assert len(mini_kg.dataset.store) == before


def test_from_reads_no_file_and_no_address(mini_kg: KnowledgeGraph) -> None:
    found = mini_kg.query("SELECT * FROM <file:///etc/passwd> FROM NAMED <http://127.0.0.1/> { ?s ?p ?o }")
    assert len(found) == 0  # type: ignore[arg-type]


QUESTIONS = query.load(ROOT / "queries")


def written_out(saved: SavedQuery, bindings: dict[str, terms.Term]) -> str:
    """Put the values in the place of the variables themselves, so that nothing is left for an engine to bind."""
    head, where, body = saved.text.partition("\nWHERE {")
    for parameter in saved.parameters:
        variable, term = re.compile(rf"\?{parameter.variable}\b"), str(bindings[parameter.variable])
        head = variable.sub("", head)
        lines = [line for line in body.split("\n") if not line.strip().startswith(f"VALUES ?{parameter.variable} ")]
        named = re.compile(r"\W*(SELECT|GROUP BY)\b")  # a list of variables, where no value may stand
        body = "\n".join(variable.sub("" if named.match(line) else lambda _: term, line) for line in lines)  # noqa: B023
    return head + where + re.sub(r"GROUP BY *\n", "\n", body)


def chosen(kg: KnowledgeGraph, parameter: Parameter) -> list[str]:
    """List the default, said aloud, and at most four other values."""
    default = terms.text_of(parameter.term)
    if parameter.type == "iri":
        others = [iri for iri in query.choices(kg.dataset.store, parameter) if iri != default]
        return [default, *others[:: max(len(others) // 4, 1)][:4]]
    # A period must not end before it begins.
    days = {"from": ["2019-06-01", "2020-02-10"], "to": ["2023-03-12", "2024-07-31"]}
    typed = {
        "date": days.get(parameter.name, ["2019-06-01", "2021-03-12"]),
        "integer": ["1", "3"],
        "string": parameter.words or ["Japan", ""],
        "iris": ["", "oewg1-working-papers", "oewg1-pd-states,gge-2019-2021-members"]
        if "List" in parameter.choices
        else ["EST,RUS"],
    }
    return [default, *typed[parameter.type]]


def test_a_byte_order_mark_before_a_query_is_not_part_of_it(kg: KnowledgeGraph) -> None:
    assert kg.query("\ufeffASK { state:EST a oewg:State }") is True


# This one takes seconds for actors of any class.
LONG = {"contributions-of-actor": [pytest.mark.slow]}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=LONG.get(name, [])) for name, saved in QUESTIONS.items() if saved.parameters]
)
def test_values_given_any_way_are_what_the_query_sees(name: str, kg: KnowledgeGraph) -> None:
    saved = QUESTIONS[name]
    defaults = {one.name: terms.text_of(one.term) for one in saved.parameters}
    asked = [defaults | {one.name: value} for one in saved.parameters for value in chosen(kg, one)]
    assert len(asked) > len(saved.parameters)
    as_it_stands = query.run(kg.dataset, saved, {})
    for values in asked:
        bindings = query.bind(kg.dataset, saved, values)
        result = query.run(kg.dataset, saved, bindings)
        found = kg.dataset.store.query(written_out(saved, bindings))
        variables = [variable.value for variable in found.variables]  # type: ignore[union-attr]
        assert result == query.collect(saved, variables, [tuple(row) for row in found]), values  # type: ignore[arg-type]
        assert values != defaults or result == as_it_stands


def test_defaults_said_aloud_give_the_right_number_of_rows(kg: KnowledgeGraph) -> None:
    drafts = {"first": "document:oewg1-pre-draft", "second": "document:oewg1-zero-draft"}
    assert len(kg.ask("states-on-only-one-draft", **drafts)) == 21
    assert len(kg.ask("groups-on-only-one-draft", **drafts)) == 2


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("adoption-dates-by-line", {"resolution": "document:a-res-73-27", "symbol": "yes"}),
        ("actors-by-printed-name", {"text": 'a "b" \\ | c'}),
    ],
)
def test_a_query_with_values_is_a_saved_query_with_these_defaults(
    name: str, values: dict[str, str], kg: KnowledgeGraph
) -> None:
    saved = QUESTIONS[name]
    bindings = query.bind(kg.dataset, saved, values)
    again = query.parse(saved.name, query.with_values(saved, bindings))
    assert {one.variable: one.term for one in again.parameters} == bindings
    assert [one.choices for one in again.parameters] == [one.choices for one in saved.parameters]
