"""Find identifiers in other datasets: candidates from reconciliation services as SSSOM; confirmed rows go to `data/links/`."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox

from oewg_kg import files, mappings, tables, terms, texts
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError, UsageError
from oewg_kg.paths import Root
from oewg_kg.reconcile.matcher import members_of
from oewg_kg.remote.reconciliation import Candidate, ReconciliationService
from oewg_kg.vocabulary import BASE, PREFIXES

# The columns of the tables in data/links/; a person writes their name in the last.
COLUMNS = ["subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label"]
COLUMNS += ["mapping_justification", "author_label", "object_source", "confidence", "comment"]
REVIEWER, CONFIDENCE = "reviewer_label", re.compile(r"0|1(\.0+)?|0?\.\d+")
SPACES = {
    "ror": "https://ror.org/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": PREFIXES["skos"],
    "wikidata": "http://www.wikidata.org/entity/",
    "web": "https://",
    "plainweb": "http://",
}
# Candidates for an entity; the least similarity of names; the highest confidence from one source.
MOST, LEAST, ONE_SOURCE = 3, 0.6, 0.8
MATCHES = tuple(PREFIXES["skos"] + name for name in ("exactMatch", "closeMatch"))


def unlinked(dataset: Dataset, class_iri: str, host: str) -> dict[str, list[str]]:
    """Find the entities of a class without a match on a host, by label: each with the names to ask for, without acronyms."""
    store, found = dataset.store, {}
    for iri in members_of(store, class_iri):
        thing = ox.NamedNode(iri)
        linked = [one for name in MATCHES for one in terms.values(store, thing, name)]
        label = terms.label(store, iri)
        if label and host not in {urlsplit(one).hostname for one in linked}:
            others = [one for one in terms.values(store, thing, PREFIXES["skos"] + "altLabel") if " " in one]
            found[iri] = list(dict.fromkeys([label.partition(" (")[0], *others]))
    return dict(sorted(found.items(), key=lambda pair: (pair[1][0].casefold(), pair[0])))


def candidates(service: ReconciliationService, names: Iterable[str]) -> list[tuple[float, str, Candidate]]:
    """Ask for the names of an entity until one matches exactly; return the most similar candidates with their similarity, best first."""
    found: dict[str, tuple[float, str, Candidate]] = {}
    for name in names:
        for one in service.candidates(name):
            near = difflib.SequenceMatcher(None, terms.folded(name), terms.folded(one.name)).ratio()
            if near >= LEAST and near > found.get(one.iri, (0.0,))[0]:
                found[one.iri] = (near, name, one)
        if any(near == 1 for near, _, _ in found.values()):
            break
    return sorted(found.values(), key=lambda hit: (-hit[0], -hit[2].score, hit[2].iri))[:MOST]


def rows(
    dataset: Dataset, service: ReconciliationService, iri: str, names: list[str], known: set[tuple[str, str]]
) -> Iterator[list[str]]:
    """Write the candidates for an entity as rows of SSSOM, except pairs that a table already has, even with Not."""
    spaces = PREFIXES | SPACES
    for near, name, one in candidates(service, names):
        if (iri, one.iri) not in known and terms.valid_iri(one.iri):
            like = "same name" if near == 1 else f'similarity {near:.2f} to "{name}"'
            match = ", marked as a match" if one.match else ""
            about = f"; {one.description}" if one.description else ""
            how = "LexicalMatching" if near == 1 else "LexicalSimilarityThresholdMatching"
            target = mappings.curie(one.iri, spaces)
            comment = f"{service.name}: {like}, score {one.score:g}{match}{about}"
            yield [terms.compact(iri), terms.label(dataset.store, iri) or "", "skos:exactMatch", "", target, one.name,
                   f"semapv:{how}", "", f"web:{service.host}/", f"{near * ONE_SOURCE:.2f}", comment, ""]  # fmt: skip


def pairs(root: Root) -> set[tuple[str, str]]:
    """List the pairs (subject, object) that the tables map, or report as not the same."""
    tables_read = (mappings.read(path, root.relative(path)) for path in root.mappings())
    return {(one.subject, one.object) for table in tables_read for one in table.mappings}


def table(name: str, title: str, found: list[list[str]], columns: list[str], known: Mapping[str, str]) -> str:
    """Write rows as SSSOM/TSV, with the prefixes they use and those already known."""
    used = {row[at].partition(":")[0] for row in found for at in (0, 2, 4, 6, 8)}
    spaces = {**PREFIXES, **SPACES, **known}
    about = {"prefixes": sorted({*used, *known}), "spaces": spaces, "base": BASE}
    return texts.filled("reconcile/links.tsv.jinja", name=name, title=title, **about) + tables.write_tsv(
        columns, sorted(found)
    )


def accept(root: Root, path: Path) -> dict[str, int]:
    """Add the rows that name a reviewer to the tables of their subjects; return how many for each table. Raises UsageError, ParseError."""
    if root.snapshot.parent.name != "build":
        raise UsageError("mappings can be added only in a copy of the repository", advice="use `oewg --root .` there")
    known = pairs(root)
    homes: dict[str, Path] = {}
    for file in root.mappings():
        homes |= {_kind(one.subject): file for one in mappings.read(file, root.relative(file)).mappings}
    new: dict[Path, list[list[str]]] = {}
    for one in mappings.read(path, str(path)).mappings:
        author, confidence = one.row.get(REVIEWER, "").strip(), one.row.get("confidence", "")
        if not author or (one.subject, one.object) in known:
            continue
        if not CONFIDENCE.fullmatch(confidence):
            what = f"{confidence!r} is not a valid confidence"
            raise ParseError(what, f"{path}:{one.line}:1", "use a number from 0 to 1, such as 0.8")
        ends = zip(mappings.REQUIRED_COLUMNS, (one.subject, one.predicate, one.object), strict=False)
        row = one.row | {column: mappings.curie(iri, PREFIXES | SPACES) for column, iri in ends}
        row |= {"object_source": f"web:{urlsplit(one.object).hostname}/", "author_label": author}
        row |= {"mapping_justification": "semapv:ManualMappingCuration"}
        name = f"{row['subject_id'].partition(':')[0]}{mappings.ENDING}"
        home = homes.get(_kind(one.subject), root.folder / "data" / "links" / name)
        new.setdefault(home, []).append([row.get(column, "") for column in COLUMNS])
    for home, added in new.items():
        files.replace(home, joined(home, root.relative(home), added).encode())
    return {root.relative(home): len(added) for home, added in new.items()}


def _kind(iri: str) -> str:
    return iri.rpartition("/")[0]


def joined(home: Path, file: str, added: list[list[str]]) -> str:
    """Write a table with rows added; the rest stays as it is."""
    name = home.name.removesuffix(mappings.ENDING)
    known = mappings.MappingTable([f"#mapping_set_title: {name.capitalize()}"], {}, [])
    if home.exists():
        known = mappings.read(home, file)
    title = next(line.partition(": ")[2].strip() for line in known.head if line.startswith("#mapping_set_title: "))
    standing = [[one.row.get(column, "") for column in COLUMNS] for one in known.mappings]
    return table(name, title, [*standing, *added], COLUMNS, known.prefixes)
