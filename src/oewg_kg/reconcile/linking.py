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
REVIEWER, CONFIDENCE_FORM = "reviewer_label", re.compile(r"0|1(\.0+)?|0?\.\d+")
SSSOM_PREFIXES = {
    "ror": "https://ror.org/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": PREFIXES["skos"],
    "wikidata": "http://www.wikidata.org/entity/",
    "web": "https://",
    "plainweb": "http://",
}
# Candidates for an entity; the least similarity of names; the highest confidence from one source.
MOST_CANDIDATES, LEAST_SIMILARITY, ONE_SOURCE = 3, 0.6, 0.8
MATCHES = tuple(PREFIXES["skos"] + name for name in ("exactMatch", "closeMatch"))


def unlinked(dataset: Dataset, class_iri: str, host: str) -> dict[str, list[str]]:
    """Find the entities of a class without a match on a host, by label: each with the names to ask for, without acronyms."""
    store, names_by_iri = dataset.store, {}
    for iri in members_of(store, class_iri):
        entity = ox.NamedNode(iri)
        matches = [match for name in MATCHES for match in terms.values(store, entity, name)]
        label = terms.label(store, iri)
        if label and host not in {urlsplit(match).hostname for match in matches}:
            other_names = [name for name in terms.values(store, entity, PREFIXES["skos"] + "altLabel") if " " in name]
            names_by_iri[iri] = list(dict.fromkeys([label.partition(" (")[0], *other_names]))
    return dict(sorted(names_by_iri.items(), key=lambda pair: (pair[1][0].casefold(), pair[0])))


def candidates(service: ReconciliationService, names: Iterable[str]) -> list[tuple[float, str, Candidate]]:
    """Ask for the names of an entity until one matches exactly; return the most similar candidates with their similarity, best first."""
    by_iri: dict[str, tuple[float, str, Candidate]] = {}
    for name in names:
        for candidate in service.candidates(name):
            similarity = difflib.SequenceMatcher(None, terms.folded(name), terms.folded(candidate.name)).ratio()
            if similarity >= LEAST_SIMILARITY and similarity > by_iri.get(candidate.iri, (0.0,))[0]:
                by_iri[candidate.iri] = (similarity, name, candidate)
        if any(similarity == 1 for similarity, _, _ in by_iri.values()):
            break
    return sorted(by_iri.values(), key=lambda entry: (-entry[0], -entry[2].score, entry[2].iri))[:MOST_CANDIDATES]


def candidate_rows(
    dataset: Dataset, service: ReconciliationService, iri: str, names: list[str], mapped: set[tuple[str, str]]
) -> Iterator[list[str]]:
    """Write the candidates for an entity as rows of SSSOM, except pairs that a table already has, even with Not."""
    prefixes = PREFIXES | SSSOM_PREFIXES
    for similarity, name, entity in candidates(service, names):
        if (iri, entity.iri) not in mapped and terms.valid_iri(entity.iri):
            likeness = "same name" if similarity == 1 else f'similarity {similarity:.2f} to "{name}"'
            marked = ", marked as a match" if entity.match else ""
            description = f"; {entity.description}" if entity.description else ""
            method = "LexicalMatching" if similarity == 1 else "LexicalSimilarityThresholdMatching"
            target = mappings.curie(entity.iri, prefixes)
            comment = f"{service.name}: {likeness}, score {entity.score:g}{marked}{description}"
            yield [terms.compact(iri), terms.label(dataset.store, iri) or "", "skos:exactMatch", "", target, entity.name,
                   f"semapv:{method}", "", f"web:{service.host}/", f"{similarity * ONE_SOURCE:.2f}", comment, ""]  # fmt: skip


def mapped_pairs(root: Root) -> set[tuple[str, str]]:
    """List the pairs (subject, object) that the tables map, or report as not the same."""
    sssom_tables = (mappings.read(path, root.relative(path)) for path in root.mappings())
    return {(mapping.subject, mapping.object) for sssom in sssom_tables for mapping in sssom.mappings}


def sssom_table(name: str, title: str, rows: list[list[str]], columns: list[str], known: Mapping[str, str]) -> str:
    """Write rows as SSSOM/TSV, with the prefixes they use and those already known."""
    used = {row[position].partition(":")[0] for row in rows for position in (0, 2, 4, 6, 8)}
    prefixes = {"prefixes": sorted({*used, *known}), "spaces": {**PREFIXES, **SSSOM_PREFIXES, **known}}
    head = texts.filled("reconcile/links.tsv.jinja", name=name, title=title, base=BASE, **prefixes)
    return head + tables.write_tsv(columns, sorted(rows))


def accept(root: Root, path: Path) -> dict[str, int]:
    """Add the rows that name a reviewer to the tables of their subjects; return how many for each table. Raises UsageError, ParseError."""
    if root.snapshot.parent.name != "build":
        raise UsageError("mappings can be added only in a copy of the repository", advice="use `oewg --root .` there")
    mapped = mapped_pairs(root)
    homes: dict[str, Path] = {}
    for file in root.mappings():
        table = mappings.read(file, root.relative(file))
        homes |= {mapping.subject.rpartition("/")[0]: file for mapping in table.mappings}
    rows_by_file: dict[Path, list[list[str]]] = {}
    for mapping in mappings.read(path, str(path)).mappings:
        author, confidence = mapping.row.get(REVIEWER, "").strip(), mapping.row.get("confidence", "")
        if not author or (mapping.subject, mapping.object) in mapped:
            continue
        if not CONFIDENCE_FORM.fullmatch(confidence):
            problem = f"{confidence!r} is not a valid confidence"
            raise ParseError(problem, f"{path}:{mapping.line}:1", "use a number from 0 to 1, such as 0.8")
        triple = zip(mappings.REQUIRED_COLUMNS, (mapping.subject, mapping.predicate, mapping.object), strict=False)
        row = mapping.row | {column: mappings.curie(iri, PREFIXES | SSSOM_PREFIXES) for column, iri in triple}
        row |= {"object_source": f"web:{urlsplit(mapping.object).hostname}/", "author_label": author}
        row |= {"mapping_justification": "semapv:ManualMappingCuration"}
        name = f"{row['subject_id'].partition(':')[0]}{mappings.ENDING}"
        home = homes.get(mapping.subject.rpartition("/")[0], root.folder / "data" / "links" / name)
        rows_by_file.setdefault(home, []).append([row.get(column, "") for column in COLUMNS])
    for home, new_rows in rows_by_file.items():
        files.replace(home, with_rows(home, root.relative(home), new_rows).encode())
    return {root.relative(home): len(new_rows) for home, new_rows in rows_by_file.items()}


def with_rows(home: Path, file: str, new_rows: list[list[str]]) -> str:
    """Write a table of mappings with rows added; the others stay as they are."""
    name = home.name.removesuffix(mappings.ENDING)
    sssom = mappings.MappingTable([f"#mapping_set_title: {name.capitalize()}"], {}, [])
    if home.exists():
        sssom = mappings.read(home, file)
    title = next(line.partition(": ")[2].strip() for line in sssom.head if line.startswith("#mapping_set_title: "))
    present_rows = [[mapping.row.get(column, "") for column in COLUMNS] for mapping in sssom.mappings]
    return sssom_table(name, title, [*present_rows, *new_rows], COLUMNS, sssom.prefixes)
