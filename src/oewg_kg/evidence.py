"""Where a fact comes from: the claims about a thing with their lines, the names of things, and what of a page is transcribed.

Not for questions: `query` answers those.
"""

import difflib
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import UsageError, from_os_error
from oewg_kg.terms import Term
from oewg_kg.vocabulary import BASE, INFERRED, OEWG, PREFIXES, RDF_TYPE

LABELS = [
    PREFIXES["skos"] + "prefLabel",
    PREFIXES["skos"] + "altLabel",
    PREFIXES["skos"] + "notation",
    PREFIXES["dcterms"] + "title",
]
PRINTED = [OEWG + "nameInSource", OEWG + "symbol"]
DECISIONS = f"""
SELECT ?relation ?why ?s ?p ?o ?line WHERE {{
    ?decision ?relation ?claim ; <{PREFIXES["rdfs"]}comment> ?why .
    ?claim <{PREFIXES["rdf"]}subject> ?s ; <{PREFIXES["rdf"]}predicate> ?p ; <{PREFIXES["rdf"]}object> ?o ; <{OEWG}statedIn> ?line .
}} ORDER BY ?claim"""
# What bears the name of something else: concepts, terms, former names, and places called after who sits there.
NAMES_OF_OTHERS = (PREFIXES["kind"], PREFIXES["topic"], OEWG, BASE + "name/", PREFIXES["place"])
FATES = {OEWG + "prefers": "preferred", OEWG + "setsAside": "set aside", OEWG + "keeps": "kept beside others"}


@dataclass(frozen=True)
class Claim:
    """One triple in one graph: its line and heading (None outside the pages), the file, and what a decision does with it."""

    subject: Term
    predicate: ox.NamedNode
    object: Term
    graph: str
    heading: str | None
    file: str
    fate: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Match:
    """A thing found by one of its names: the name that matched, and how well (0 to 1)."""

    iri: str
    label: str
    matched: str
    score: float


@dataclass(frozen=True)
class Coverage:
    """How a page's lines are accounted for: numbers of lines that state facts, are marked as holding none, or are missing or changed."""

    source: str
    same_text: bool
    facts: tuple[int, ...]
    marked: tuple[tuple[int, str, str], ...]
    blank: tuple[int, ...]
    missing: tuple[int, ...]
    changed: tuple[int, ...]


def claims(
    dataset: Dataset, subject: ox.NamedNode, predicate: ox.NamedNode | None = None, value: Term | None = None
) -> list[Claim]:
    """List every claim about a thing, by predicate, value and line; inferred triples have the graph `graph:inferred`."""
    store = dataset.store
    decisions = {
        (row["s"], row["p"], row["o"], row["line"]): (FATES.get(row["relation"].value), row["why"].value)
        for row in select(store, DECISIONS)
    }
    found = []
    for quad in store.quads_for_pattern(subject, predicate, value):
        if isinstance(quad.graph_name, ox.NamedNode):
            graph = quad.graph_name
            fate, why = decisions.get((quad.subject, quad.predicate, quad.object, graph), (None, None))
            found.append(
                Claim(
                    quad.subject,
                    quad.predicate,
                    quad.object,
                    graph.value,
                    heading(store, graph),
                    dataset.files.get(graph.value, ""),
                    fate,
                    why,
                )
            )
    return sorted(
        found,
        key=lambda c: (
            _rank(c.predicate.value),
            c.predicate.value,
            terms.text_of(c.object),
            c.graph == INFERRED,
            terms.line_order(c.graph),
        ),
    )


def _rank(predicate: str) -> int:
    """Put type and names of a thing before its other facts."""
    order = [RDF_TYPE, *LABELS, *PRINTED]
    return order.index(predicate) if predicate in order else len(order)


def heading(store: ox.Store, line: ox.NamedNode) -> str | None:
    """Find the line under whose heading a line stands."""
    for quad in store.quads_for_pattern(line, ox.NamedNode(OEWG + "underHeading"), None, line):
        return terms.text_of(quad.object)
    return None


def names(store: ox.Store) -> dict[str, set[str]]:
    """Collect every name of every thing: labels, alternatives, notations, and each form that a page prints."""
    found: dict[str, set[str]] = {}
    for predicate in [*LABELS, *PRINTED]:
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                found.setdefault(quad.subject.value, set()).add(quad.object.value)
    return found


def search(dataset: Dataset, text: str, most: int = 20) -> list[Match]:
    """Find things by their names in any spelling, best first: whole name, beginning, all words, then near spellings."""
    wanted = terms.folded(text)
    found = []
    for iri, known in names(dataset.store).items():
        score, name = max((_score(wanted, terms.folded(n)), n) for n in known)
        if score > 0 and not iri.startswith(PREFIXES["sh"]):
            found.append((score, iri, name))
    found.sort(key=lambda hit: (-hit[0], len(hit[2]), hit[1]))
    return [
        Match(iri, terms.label(dataset.store, iri) or terms.compact(iri), name, round(score, 2))
        for score, iri, name in found[:most]
    ]


def _score(wanted: str, name: str) -> float:
    if not wanted or not name:
        return 0.0
    if wanted == name:
        return 1.0
    if name.startswith(wanted + " "):
        return 0.9
    if set(wanted.split()) <= set(name.split()):
        return 0.8
    if wanted in name:
        return 0.6
    ratio = difflib.SequenceMatcher(None, wanted, name).ratio() if abs(len(wanted) - len(name)) < 4 else 0.0
    return ratio * 0.6 if ratio > 0.8 else 0.0


def resolve_name(dataset: Dataset, text: str) -> ox.NamedNode:
    """Read an IRI, a CURIE, a source line or any name that means just one thing; raises UsageError with suggestions."""
    iri = terms.expand(text)
    if iri is not None:
        node = ox.NamedNode(iri)
        ends = ((node, None, None, None), (None, None, node, None), (None, None, None, node))
        if any(True for end in ends for _ in dataset.store.quads_for_pattern(*end)):
            return node
        raise UsageError(f"nothing is known of {text}", advice="`oewg search` finds things by their names")
    wanted = terms.folded(text)
    exact = sorted(iri for iri, known in names(dataset.store).items() if wanted in map(terms.folded, known))
    things = [iri for iri in exact if not iri.startswith(NAMES_OF_OTHERS)] or exact
    if len(things) == 1:
        return ox.NamedNode(things[0])
    if things:
        raise UsageError(
            f"{text!r} names several things", advice="say which: " + ", ".join(map(terms.compact, things[:8]))
        )
    near = ", ".join(f'"{m.label}" ({terms.compact(m.iri)})' for m in search(dataset, text, 3))
    raise UsageError(
        f"nothing is called {text!r}",
        advice=f"did you mean {near}?" if near else "`oewg search` finds things by parts of their names",
    )


def line_digest(text: str) -> str:
    """Digest one line, spaces at its ends left out: the first 16 hexadecimal digits of the SHA-256."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def page_lines(path: Path) -> list[str]:
    """Read the lines of a page's text, as `cat -n` counts them; raises StorageError."""
    try:
        return path.read_bytes().decode("utf-8", "replace").removesuffix("\n").split("\n")
    except OSError as error:
        raise from_os_error(error, "reading the page") from error


def coverage(dataset: Dataset, path: Path, first: int = 1, last: int | None = None) -> Coverage:
    """Compare the text of a page with what is transcribed of it, for the lines from first to last, both included.

    Raises UsageError when the text is like none of the pages that are transcribed.
    """
    text = page_lines(path)
    source, digests = _page_of(dataset, text, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    same = any(
        terms.text_of(quad.object) == digest
        for quad in dataset.store.quads_for_pattern(ox.NamedNode(source), ox.NamedNode(OEWG + "digest"), None)
    )
    graphs = {graph.value for graph in dataset.store.named_graphs()}
    facts, marked, blank, missing, changed = [], [], [], [], []
    for number in range(first, min(last or len(text), len(text)) + 1):
        words, line = text[number - 1].strip(), f"{source}#L{number}"
        status = _status(dataset.store, line)
        if not words:
            blank.append(number)
        elif digests.get(number) not in (None, line_digest(words)):
            changed.append(number)
        elif status:
            marked.append((number, *status))
        elif line in graphs:
            facts.append(number)
        else:
            missing.append(number)
    return Coverage(source, same, tuple(facts), tuple(marked), tuple(blank), tuple(missing), tuple(changed))


def line_records(source: str, path: Path) -> str:
    """Write the numbers and digests of a page's lines as Turtle, one block for each line that is not blank."""
    page = source.rpartition("/")[2]
    prefix = terms.compact(f"{source}#L1").partition(":")[0]
    if prefix not in PREFIXES:
        raise UsageError(f"no prefix for the lines of {page}", advice="add one to PREFIXES in vocabulary.py")
    head = (
        f"# The lines of {page}: number and digest, so that a later version of the page can be compared line by line.\n"
    )
    head += "# Written by `oewg coverage PAGE.txt --record`; not by hand.\n"
    block = "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in PREFIXES.items())
    lines = [
        f"\n{prefix}:{number} a oewg:SourceLine ;\n    oewg:ofSource source:{page} ;\n"
        f'    oewg:lineNumber {number} ;\n    oewg:digest "{line_digest(text)}" .\n'
        for number, text in enumerate(page_lines(path), 1)
        if text.strip()
    ]
    return head + block + "".join(lines)


def _page_of(dataset: Dataset, text: list[str], path: Path) -> tuple[str, dict[int, str]]:
    """Find the source whose recorded lines are most like a text, or the one that the file's name begins with the notation of."""
    mine = {line_digest(line) for line in text if line.strip()}
    best, share = "", 0.0
    digests: dict[str, dict[int, str]] = {}
    for quad in dataset.store.quads_for_pattern(None, ox.NamedNode(OEWG + "digest"), None):
        page, mark, number = terms.text_of(quad.subject).rpartition("#L")
        if mark:
            digests.setdefault(page, {})[int(number)] = terms.text_of(quad.object)
    for page, lines in sorted(digests.items()):
        common = len(mine & set(lines.values())) / max(len(set(lines.values())), 1)
        if common > share:
            best, share = page, common
    if share < 0.3:
        notations = dataset.store.quads_for_pattern(None, ox.NamedNode(PREFIXES["skos"] + "notation"), None)
        named = [terms.text_of(q.subject) for q in notations if path.name.startswith(terms.text_of(q.object) + "_")]
        sources = [iri for iri in named if iri.startswith(BASE + "source/")]
        if not sources:
            raise UsageError(
                "this text is like none of the pages that are transcribed",
                str(path),
                "name the text of one of the sources (`oewg info`)",
            )
        best = sources[0]
    return best, digests.get(best, {})


def _status(store: ox.Store, line: str) -> tuple[str, str] | None:
    """Find the decision that a line holds no fact, and the comment that says why."""
    node = ox.NamedNode(line)
    for quad in store.quads_for_pattern(node, ox.NamedNode(OEWG + "lineStatus"), None, node):
        why = [
            terms.text_of(q.object)
            for q in store.quads_for_pattern(node, ox.NamedNode(PREFIXES["rdfs"] + "comment"), None, node)
        ]
        return terms.compact(terms.text_of(quad.object)).partition(":")[2], " ".join(why)
    return None
