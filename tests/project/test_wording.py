"""The words that readers meet: summaries of commands fit their line, and phrases that readers stumbled over do not return."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from oewg_kg.cli import MAKING, READING, main

ROOT = Path(__file__).parents[2]
RETIRED = re.compile(
    r"\b(?:tells?|told|lawful|(?<!as a )whole|of others|frozen|explorer|at hand|beside|anew|judge[sd]?|judgement|prove[sn]?|"
    r"contributed on|listed with(?! (?:a contribution|their lines))|"
    r"stands? (?:in|on|under|at|as|for|above)|one registers|somebody|cat -n|take home|take over|all but alike|by rights|held here|"
    r"left alone|some \d+|(?:votes?|classes) (?:is|are) held|(?:is|are) no (?:date|evidence|error|statements?|heading)|"
    r"has to say|interval of Wilson|shown are|excluded lists, if any|our own English|code of (?:two|three)|"
    r"(?:adopted|began|ended|saved) not (?:before|after)|joint text count only)\b",
    re.IGNORECASE,
)
SENTENCES = {  # where the texts are, and how a line of them looks
    "queries/*.rq": r"#\+ (?:summary|definition|readings|see|empty): (.*)",
    "queries/federated/*.rq": r"#\+ (?:summary|definition|readings|see|empty): (.*)",
    "queries/classes/*.rq": r"#\+ (?:summary|definition|empty): (.*)",
    "queries/conflict-candidates/*.rq": r"#\+ (?:summary|definition): (.*)",
    "queries/checks/*.rq": r'BIND \(.*?("[^"]* [^"]*".*) AS \?message\)',
    "shapes/*.ttl": r' *(?:sh:message|sh:description|rdfs:comment) "(.*)"@en',
    "ontology/*.ttl": r' *(?:skos:definition|rdfs:label|skos:prefLabel) "(.*)"@en',
    "data/decisions.ttl": r' *rdfs:comment "(.*)"@en',
    "docs/*.md": r"((?!```).*)",
    "src/oewg_kg/serve/templates/*.html": r"([^{%]*>[^<{%]*[a-z] [^<{%]*)",
}


def commands(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """List every command with the groups above it."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))


def texts(pattern: str) -> list[tuple[str, str]]:
    """Find the sentences of the files that a pattern names, each with its place."""
    found = []
    for path in sorted(ROOT.glob(pattern)):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if match := re.match(SENTENCES[pattern], line) or ("BIND" in line and re.search(SENTENCES[pattern], line)):
                found.append((f"{path.relative_to(ROOT)}:{number}", re.sub(r"<[^>]*>|`[^`]*`", " ", match[1])))
    return found


def test_the_summary_of_each_command_fits_one_line_of_80_columns() -> None:
    shown = CliRunner().invoke(main, ["--help"], terminal_width=80).stdout
    names = re.findall(r"^  ([a-z]+)  +[A-Z].*[.]$", shown, re.MULTILINE)
    assert names == [*READING, *MAKING], "a summary is cut, or takes more than a line: shorten its first sentence"
    assert "..." not in shown.partition("\n")[2]
    assert shown.index("Use the data") < shown.index("Maintain the data"), "readers come first"


@pytest.mark.parametrize("pattern", SENTENCES)
def test_no_retired_phrase_is_where_readers_meet_it(pattern: str) -> None:
    sentences = texts(pattern)
    assert len(sentences) >= 3, f"{pattern}: nothing was read"
    found = [f"{place}: {match[0]}" for place, text in sentences if (match := RETIRED.search(text))]
    assert found == [], "say it with the words of the glossary"


def test_no_retired_phrase_is_in_a_help_text() -> None:
    found = []
    for names in [(), *commands(main)]:
        shown = CliRunner().invoke(main, [*names, "--help"], terminal_width=200).stdout
        found += [f"oewg {' '.join(names)}: {match[0]}" for match in RETIRED.finditer(shown)]
    assert found == []
