"""Add a page to a root (a folder with data): `data/sources.ttl` and an empty file of graphs; or create a new root from this one."""

import re
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import coverage, files, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.paths import Root
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES, RDF_TYPE, declarations, declare, declared

# What pages of another negotiation do not need: our decisions, and entities that only our pages or their resolutions have.
OURS = ["sources", "decisions.ttl", "works.ttl", "places.ttl", "dataset.ttl", "persons.ttl", "authors.ttl"]
OURS += ["documents.ttl", "votes.ttl", "unmapped.ttl", "resolutions.sssom.tsv", "other-names.ttl"]
OURS += ["groups-as-bodies.ttl"]
OWN_FILES = {
    "actors/own.ttl": "Actors that only these pages name: a block for each, with class, label and kind (oewg:classifiedAs).",
    "works.ttl": "Processes, works and other things that several pages name.",
    "decisions.ttl": "Editorial decisions: which claims are set aside, or how an unclear line is interpreted, and why.",
    "sources.ttl": 'The source pages. To add a page: run `oewg source add PAGE.txt --name NAME --title "..."`.',
}


def add(root: Root, dataset: Dataset, page: Path, name: str, title: str, told: Mapping[str, str | None]) -> list[Path]:
    """Declare a page in `data/sources.ttl`, with its lines and an empty file of graphs; returns the files. Raises UsageError."""
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name):
        raise UsageError(f"{name!r} is not a valid name for a page", advice="use lowercase letters, digits and hyphens")
    if not title.strip():
        raise UsageError("the title is empty", advice="give the title of the page in English")
    lines, digest = coverage.page_lines(page), coverage.text_digest(page)
    iri, store = PREFIXES["source"] + name, dataset.store
    if list(store.quads_for_pattern(ox.NamedNode(iri), None, None, None)):
        raise UsageError(f"there is already a page {name}", advice="choose another --name; `oewg info` lists the pages")
    known = [thing for thing, text in terms.pairs(store, OEWG + "digest") if text == digest]
    if known:
        raise UsageError(f"this text is already recorded as {terms.compact(known[0])}", str(page), "nothing was added")
    facts = _facts(told)
    pages = map(ox.NamedNode, terms.things(store, RDF_TYPE, OEWG + "Source"))
    taken = [text for one in pages for text in terms.values(store, one, PREFIXES["skos"] + "notation")]
    number = max((int(one) for one in taken if one.isdecimal()), default=0) + 1
    prefix = f"p{number}"
    label = ox.Literal(title, language="en")
    blocks = ["a oewg:Source", f"skos:prefLabel {label}", f"dcterms:title {label}", f'skos:notation "{number:03}"']
    blocks += [f'vann:preferredNamespacePrefix "{prefix}"', *facts]
    blocks += [f"oewg:lineCount {len(lines)}", f'oewg:digest "{digest}"']
    PREFIXES[prefix] = f"{iri}#L"
    folder = root.folder / "data"
    sources, trig = folder / "sources.ttl", folder / "sources" / f"{name}.trig"
    head = f"# What each line of page {number:03} (source:{name}) states: one named graph for each line.\n"
    head += f"# To add a line: write one graph {prefix}:<line number>, in the order of the page, following data/README.md.\n"
    block = f"source:{name} " + " ;\n    ".join(blocks) + " .\n"
    made = {
        trig: head + declarations(prefix),
        trig.with_suffix(".lines.ttl"): coverage.line_records(iri, page, store),
        sources: declared(sources.read_text(encoding="utf-8"), block),
    }
    _write(made)
    return list(made)


def _facts(told: Mapping[str, str | None]) -> list[str]:
    """Write what is known about a page's publication; raises UsageError for an invalid value."""
    facts = []
    if publisher := told.get("publisher"):
        if "," in publisher:
            raise UsageError(
                f"the publisher {publisher!r} contains a comma",
                advice="remove the comma, because reference managers would split the name there",
            )
        facts.append(f"oewg:publisher {ox.Literal(publisher, language='en')}")
    for name, predicate in (("url", "oewg:address"), ("license", "dcterms:license")):
        if told.get(name):
            if terms.valid_iri(str(told[name])) is None or not re.match(r"https?://[^#]+\Z", str(told[name])):
                raise UsageError(
                    f"{told[name]!r} is not a valid address", advice=f"give --{name} as https://... without a fragment"
                )
            facts.append(f"{predicate} <{told[name]}>")
    if told.get("retrieved"):
        try:
            facts.append(f'dcterms:date "{date.fromisoformat(str(told["retrieved"]))}"^^xsd:date')
        except ValueError:
            advice = "give --retrieved as YYYY-MM-DD, such as 2026-11-29"
            raise UsageError(f"{told['retrieved']!r} is not a valid date", advice=advice) from None
    return facts


def _write(made: Mapping[Path, str]) -> None:
    """Write files, the last of which makes the others count; if one cannot be written, remove those before it."""
    new = [path for path in made if not path.exists()]
    try:
        for path, text in made.items():
            files.replace(path, text.encode())
    except BaseException:
        for path in new:
            path.unlink(missing_ok=True)
        raise


def make(root: Root, folder: Path, title: str, base: str, creator: str, empty: bool) -> None:
    """Create a user's own root in a folder: ontology, shapes, questions, and our pages unless `empty`. Raises UsageError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("the folder is not empty", str(folder), "name a new folder")
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`#?]+/", base) or terms.valid_iri(base) is None:
        raise UsageError(f"{base!r} is not a valid base IRI", advice="end it with /, as in https://example.org/laws/")
    if not empty and base != BASE:
        raise UsageError("--base cannot be used with our pages", advice="add --empty, or leave out --base")

    def fill(fresh: Path) -> None:
        for name in ("ontology", "shapes", "queries"):
            shutil.copytree(root.folder / name, fresh / name)
        shutil.copytree(root.folder / "data", fresh / "data", ignore=shutil.ignore_patterns(*OURS) if empty else None)
        for name, head in OWN_FILES.items() if empty else ():
            (fresh / "data" / name).write_text(f"# {head}\n{declarations()}", encoding="utf-8")
        if empty or title:
            (fresh / "data" / "dataset.ttl").write_text(_described(title, base, creator), encoding="utf-8")

    declare(base, {name: space for name, space in PREFIXES.items() if space.endswith("#L") and not empty})
    files.replace_folder(folder, fill)


def _described(title: str, base: str, creator: str) -> str:
    blocks = [f"<{base}> a schema:Dataset", f"dcterms:title {ox.Literal(title, language='en')}"]
    blocks += [f"dcterms:creator {ox.Literal(creator)}"] if creator else []
    block = " ;\n    ".join([*blocks, 'owl:versionInfo "0.1"']) + " .\n"
    return (
        "# What this dataset is: base IRI of its entities, title, authors. Pages, exports and citations use them.\n"
        '# When you publish it, change the version and add the day: dcterms:issued "2027-01-31"^^xsd:date.\n'
        f"{declarations(text=block + 'xsd:date')}\n{block}"
    )
