"""No query reaches another machine or crashes the engine, however it is written; valid queries pass."""

import contextlib
import itertools

import pytest

from effort import in_proportion
from oewg_kg.errors import LimitError, OewgError, UsageError
from oewg_kg.safety import query_guard

OUT = "<http://127.0.0.1/> { ?s ?p ?o }"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ SERVICE {OUT} }}",
        f"SELECT * {{ service {OUT} }}",
        f"SELECT * {{ SeRvIcE SILENT {OUT} }}",
        f"SELECT * {{ SERVICESILENT{OUT} }}",
        f"SELECT * {{ ?s ?p 1SERVICE {OUT} }}",
        f"SELECT * {{ ?s ?p ?o.SERVICE{OUT} }}",
        f"SELECT * {{ # a comment\nSERVICE {OUT} }}",
        f"SELECT * {{ # a comment ends at a carriage return too\rSERVICE {OUT} }}",
        f"SELECT * {{ ?s ?p 'it''s' . SERVICE {OUT} }}",
        f'SELECT * {{ ?s ?p "a\\"b" . SERVICE {OUT} }}',
        f'SELECT * {{ ?s ?p """a"b""" . SERVICE {OUT} }}',
        f"SELECT * {{ ?s <http://a/it's> ?o . SERVICE {OUT} FILTER (1 = 'x') }}",
        f"SELECT * {{ ?s <http://a/\\u0041'> ?o . SERVICE {OUT} FILTER (1 = 'x') }}",
        f"SELECT * {{ ?s <http://a/\u00a0'> ?o . SERVICE {OUT} FILTER (1 = 'x') }}",
        f"SELECT * {{ ?s oewg:it\\'s ?o . SERVICE {OUT} FILTER (1 = 'x') }}",
        f"SELECT * {{ ?s oewg:a\\#b ?o . SERVICE {OUT} }}",
        "PREFIX a: <http://127.0.0.1/> SELECT * { SERVICEa:b { ?s ?p ?o } }",
        "SELECT * { VALUES ?x { <http://127.0.0.1/> } SERVICE ?x { ?s ?p ?o } }",
    ],
    ids=lambda text: text[:60],
)
def test_a_query_that_reaches_out_is_refused(text: str) -> None:
    with pytest.raises(
        UsageError, match="SERVICE is not allowed here, because it queries another server; query that server directly"
    ):
        query_guard.check(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { VALUES ?x { <http://127.0.0.1/> } FILTER(1<2)SERVICE?x#>\n{ ?s ?p ?o } }",
        f"SELECT * {{ FILTER(1<2#>'''\n) SERVICE {OUT} #'''\n}}",
        f"PREFIX a: <http://a/> SELECT * {{ FILTER(1<a:b#>'''\n) SERVICE {OUT} #'''\n}}",
        f"SELECT * {{ FILTER(1 # =\n<#>'''\n) SERVICE {OUT} #'''\n}}",
        f"PREFIX a: <http://a/> SELECT * {{ FILTER(a:b\\=<#>'''\n) SERVICE {OUT} #'''\n}}",
        f"SELECT * {{ FILTER('='<#>'''\n) SERVICE {OUT} #'''\n}}",
        "SELECT * { FILTER(1<" + "(" * 50_000 + "1" + ")" * 50_000 + "&&2>1) }",
    ],
    ids=lambda text: text[:60],
)
def test_an_operator_that_looks_like_an_iri_hides_nothing(text: str) -> None:
    with pytest.raises(UsageError, match=r"unclear whether this is an IRI: .*; put a space after a less-than sign"):
        query_guard.check(text)


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { ?s ?p "SERVICE <http://x> { }" }',
        "SELECT * { ?s ?p '''a 'SERVICE' ''' }",
        "SELECT * { ?s ?p <http://example.org/service#SERVICE> }",
        "SELECT * { ?s ?p ?o } # no SERVICE here",
        "SELECT ?service { ?service a sd:Service }",
        "SELECT * { ?s skos:prefLabel ?l FILTER (?a < ?b && ?c > ?d) }",
        "SELECT * { ?s ?p ?o FILTER(?a<?b&&?c>?d) }",
        "BASE <http://example.org/> SELECT * { <a> <b/c> <?d> }",
        "PREFIX : <#> BASE <tag:example.org,2020:it's#> SELECT * FROM <#g> { <#s> <urn:a:b#c> <mailto:o'brien@example.org> }",
        "SELECT * { ?s ?p <#o> . [] <#p> <a(b)#c> ; <#q> [ <#r> <#s> ] FILTER EXISTS { ?s <#p> ?o } } ORDER BY ?s",
        "SELECT * { ?s (<#p>|^<#q>/<#r>) ?o FILTER (?s = <urn:x#y> || ?s IN (<#a>, # one\n <#b>) && ?s != <#c>) }",
        "SELECT * { ?s ?p '" + "{" * 500 + "' } # " + "(" * 500,
        "SELECT * { " + "{" * 30 + "?s ?p ?o" + "}" * 30 + " }",
        "SELECT * { VALUES ?x { " + "<http://example.org/a> " * 20_000 + "} }",
        "SELECT * { ?s ?p ?x FILTER (?x IN (" + ", ".join(map(str, range(2_000))) + ")) }",
    ],
    ids=lambda text: text[:60],
)
def test_a_valid_query_passes(text: str) -> None:
    query_guard.check(text)


@pytest.mark.parametrize("sign", ["{}", "()", "[]"])
def test_a_query_that_is_nested_too_deeply_is_refused(sign: str) -> None:
    opening, closing = sign
    with pytest.raises(LimitError, match="the query is nested too deeply \\(41 levels\\); use at most 32"):
        query_guard.check("SELECT * { " + opening * 40 + closing * 40 + " }")


@pytest.mark.parametrize(
    "part", ["!", "1+", "true||", "UNION{}", "OPTIONAL{?s ?p ?o}", "FILTER(1=1)", "BIND(1 AS ?v)", "<http://a/>/", "{}"]
)
def test_a_chain_that_would_crash_the_engine_is_refused(part: str) -> None:
    with pytest.raises(LimitError, match=r"words and symbols\); use at most 6000"):
        query_guard.check("ASK { " + part * 7_000 + " }")


HIDING = [
    "VALUES:p ?o {",
    "a:VALUES ?o {",
    "a:b.VALUES ?o {",
    "a:b\\-VALUES ?o {",
    "a:b%41VALUES ?o {",
    "a:b\u1680VALUES ?o {",
    "'x'@VALUES ?o {",
    "?VALUES ?o {",
    "<VALUES> ?o {",
    "?p ?o # VALUES\n {",
    "?p 'VALUES' {",
    "?p ?o . VALUES ?x { 1 } {",
]


@pytest.mark.parametrize("start", HIDING)
def test_no_chain_hides_behind_a_name_that_looks_like_values(start: str) -> None:
    with pytest.raises(LimitError, match=r"words and symbols\); use at most 6000"):
        query_guard.check(
            f"PREFIX a: <http://a/> PREFIX VALUES: <http://a/> ASK {{ ?s {start} FILTER({'!' * 7000}1) }} }}"
        )


UNITS = ['"', "'", "\\", "<", ">", "#", "\n", "{", "}", "(", "VALUES ", "values?x", "?", ":a", "@", "a"]


def check(text: str) -> None:
    with contextlib.suppress(OewgError):
        query_guard.check(text)


@pytest.mark.slow
def test_twice_the_text_takes_twice_the_time() -> None:
    """Every unit of up to three signs, repeated: eight times as long may take eight times as long, not sixty-four times."""
    units = map("".join, itertools.chain(*(itertools.product(UNITS, repeat=size) for size in (1, 2, 3))))
    assert not [unit for unit in units if not in_proportion(lambda times: check(unit * times), 500, 0.004)]  # noqa: B023


@pytest.mark.slow
def test_long_queries_are_judged_soon() -> None:
    for unit in ("VALUES ", '"\\', "VALUES?x", "{VALUES ", "<#", "'\\", "?x<", "(<"):
        most = query_guard.MAX_BYTES // len(unit)
        assert in_proportion(lambda times: check(unit * times), most // 8), unit  # noqa: B023


def test_a_query_that_is_too_long_is_refused() -> None:
    with pytest.raises(LimitError, match="longer than 1 MiB; shorten it"):
        query_guard.check("ASK {} #" + "é" * (1 << 19))
