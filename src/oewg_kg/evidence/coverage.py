"""Compare the text of a page with its recorded lines by their digests: transcribed, changed, missing; and list the lines still open."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.errors import UsageError, from_os_error
from oewg_kg.paths import read_bytes
from oewg_kg.vocabulary import OEWG, PREFIXES, declarations, iris

SIMILAR_SHARE = 0.3  # the share of a page's lines that a later version of it still has
EMAIL = re.compile(r"[^\s@]+@[^\s@]*\w")
MOST_BYTES = 10_000_000  # bytes of a file that may be a page
QUOTED, REVISED, STATUS, COMMENT = iris("prov:wasQuotedFrom prov:wasRevisionOf oewg:lineStatus rdfs:comment")


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
    gone: tuple[int, ...] = ()
    moved: int = 0


def line_digest(text: str) -> str:
    """Digest one line without the spaces at its ends: the first 16 hexadecimal digits of the SHA-256."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def page_text(path: Path) -> str:
    """Read the text of a page, without a byte order mark and with line ends as on Unix; raises StorageError."""
    return read_bytes(path, "the page").decode("utf-8-sig", "replace").replace("\r\n", "\n")


def page_lines(path: Path) -> list[str]:
    """Read the lines of a page's text, as `cat -n` counts them; raises StorageError."""
    return page_text(path).removesuffix("\n").split("\n")


def text_digest(path: Path) -> str:
    """Digest the text of a page: all 64 hexadecimal digits of the SHA-256."""
    return hashlib.sha256(page_text(path).encode()).hexdigest()


def lines_in_folder(dataset: Dataset, folder: Path) -> dict[Path, dict[str, str]]:
    """Find lines of source pages, with their words, in the files of a folder by their digests; raises UsageError if there are none."""
    line_digests = terms.pairs(dataset.store, OEWG + "digest")
    lines_by_file = {}
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and path.stat().st_size < MOST_BYTES)
    except OSError as error:
        raise from_os_error(error, "reading the folder of pages") from error
    for path in files:
        words_by_digest = {line_digest(text): text.strip() for text in page_lines(path)}
        if lines := {line: words_by_digest[digest] for line, digest in line_digests if digest in words_by_digest}:
            lines_by_file[path] = lines
    if not lines_by_file:
        problem = "no file in this folder contains the text of a source page"
        raise UsageError(problem, str(folder), "save the pages there as text files")
    return lines_by_file


def with_words(dataset: Dataset, folder: Path) -> Dataset:
    """Add the words of the lines that the files of a folder hold; e-mail addresses are never shown."""
    line_texts = lines_in_folder(dataset, folder).values()
    words = {line: EMAIL.sub("[e-mail address]", text) for lines in line_texts for line, text in lines.items()}
    return Dataset(dataset.store, dataset.files, words)


def coverage(dataset: Dataset, path: Path) -> Coverage:
    """Compare a page's lines with what is transcribed of it; raises UsageError if the text matches none of the pages."""
    store, page = dataset.store, page_lines(path)
    recorded = _recorded_digests(store)
    source, same_text = source_of(store, path)
    if not source:
        advice = "give the text of one of the pages listed by `oewg info`, or add it with `oewg source add`"
        raise UsageError("this text does not match any of the source pages", str(path), advice)
    # A new capture without recorded lines is compared with the former one; its own graphs are for the lines that changed.
    recorded_source = source if source in recorded else dict(terms.pairs(store, REVISED)).get(source, source)
    line_graphs = {terms.text_of(graph) for graph in store.named_graphs()}
    old_numbers, removed = _align_lines(recorded.get(recorded_source, {}), page)
    quoted_from, statuses, comments = (dict(terms.pairs(store, predicate)) for predicate in (QUOTED, STATUS, COMMENT))
    numbers: dict[str, list[Any]] = {state: [] for state in ("facts", "marked", "blank", "missing", "changed")}
    for number, words in enumerate(page, 1):
        line = f"{recorded_source}#L{old_numbers.get(number, number)}"
        has_own_graph = recorded_source != source and f"{source}#L{number}" in line_graphs
        line = f"{source}#L{number}" if has_own_graph else quoted_from.get(line, line)
        if not words.strip():
            numbers["blank"].append(number)
        elif number not in old_numbers and recorded_source in recorded and not has_own_graph:
            numbers["changed"].append(number)
        elif status := statuses.get(line):
            numbers["marked"].append((number, terms.compact(status).partition(":")[2], comments.get(line, "")))
        else:
            numbers["facts" if line in line_graphs else "missing"].append(number)
    moved = sum(number != old_number for number, old_number in old_numbers.items())
    states = {state: tuple(lines) for state, lines in numbers.items()}
    return Coverage(source, same_text, gone=tuple(removed), moved=moved, **states)


def _align_lines(digests: dict[int, str], page: list[str]) -> tuple[dict[int, int], list[int]]:
    """Align a text with the recorded lines: map each line to its recorded number, and list those gone; one changed in place is neither."""
    import difflib  # here: who asks a question compares no lines

    recorded = sorted(digests)
    filled = [number for number, words in enumerate(page, 1) if words.strip()]
    page_digests = [line_digest(page[number - 1]) for number in filled]
    matcher = difflib.SequenceMatcher(None, [digests[number] for number in recorded], page_digests, autojunk=False)
    old_numbers: dict[int, int] = {}
    removed: list[int] = []
    for operation, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if operation == "equal":
            old_numbers |= zip(filled[new_from:new_to], recorded[old_from:old_to], strict=True)
        else:
            removed += recorded[old_from + (new_to - new_from) : old_to]
    return old_numbers, removed


def line_records(source: str, path: Path, store: ox.Store) -> str:
    """Write number, digest and number of triples of each line as Turtle; raises UsageError if the words of a cited line would change."""
    name, page, digests = source.rpartition("/")[2], page_lines(path), _recorded_digests(store)
    for number, digest in digests.get(source, {}).items():
        unchanged = number <= len(page) and line_digest(page[number - 1]) == digest
        if not unchanged and store.contains_named_graph(ox.NamedNode(f"{source}#L{number}")):
            new_source = f"source:{re.sub('-[0-9a-f]{8}$', '', name)}-{text_digest(path)[:8]}"
            raise UsageError(
                f"the words of line {number} of {name} would change, although the line may have been cited",
                str(path),
                f"record the edited page as a new source, {new_source}, with prov:wasRevisionOf source:{name} (data/README.md)",
            )
    former_source, quoted_from = dict(terms.pairs(store, REVISED)).get(source, ""), dict(terms.pairs(store, QUOTED))
    old_numbers = _align_lines(digests.get(former_source, {}), page)[0]
    prefix = next((prefix for prefix, namespace in PREFIXES.items() if namespace == f"{source}#L"), "")
    if not prefix:
        advice = "add vann:preferredNamespacePrefix to its block in data/sources.ttl"
        raise UsageError(f"the page {name} has no short name for its lines", advice=advice)
    header = f"# The lines of {name}: number, digest and number of triples, so that a change or a loss is noticed line by line.\n"
    header += "# Written by `oewg coverage PAGE.txt --record`; not by hand.\n"
    blocks = []
    for number, words in enumerate(page, 1):
        block = [f"oewg:ofSource source:{name}", f"oewg:lineNumber {number}", f'oewg:digest "{line_digest(words)}"']
        if triples := sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(f"{source}#L{number}"))):
            block.append(f"oewg:tripleCount {triples}")
        elif number in old_numbers:
            old_line = f"{former_source}#L{old_numbers[number]}"
            block.append(f"prov:wasQuotedFrom <{quoted_from.get(old_line, old_line)}>")
        if words.strip():
            properties = " ;\n    ".join(block)
            blocks.append(f"\n{prefix}:{number} a oewg:SourceLine ;\n    {properties} .\n")
    body = "".join(blocks)
    return header + declarations(text=body) + body


def open_lines(store: ox.Store) -> list[tuple[str, str]]:
    """List the recorded lines that have no graph, by page and number, each with the nearest heading above it in words ("" for none)."""
    lines, heading, heading_page = [], "", ""
    for row in select(store, own_query("recorded-lines")):
        line, page = row["line"].value, row["page"].value
        heading, heading_page = heading if page == heading_page else "", page
        if row["open"].value == "true":
            lines.append((line, heading))
        elif row["heading"].value == "true":
            heading = f"{terms.compact(line)} {terms.text_of(row['label'])}".rstrip()
    return lines


def _recorded_digests(store: ox.Store) -> dict[str, dict[int, str]]:
    """Find the digests of the lines of each page, by number."""
    digests: dict[str, dict[int, str]] = {}
    for line, digest in terms.pairs(store, OEWG + "digest"):
        page, separator, number = line.rpartition("#L")
        if separator:
            digests.setdefault(page, {})[int(number)] = digest
    return digests


def source_of(store: ox.Store, path: Path) -> tuple[str, bool]:
    """Find the source with the digest of a text, else with the most similar lines ("" if few are); and whether the text is the same."""
    page, digest = {line_digest(line) for line in page_lines(path) if line.strip()}, text_digest(path)
    same = next((source for source, recorded in terms.pairs(store, OEWG + "digest") if recorded == digest), "")
    recorded_lines = {source: set(lines.values()) for source, lines in sorted(_recorded_digests(store).items())}
    shares = {source: len(page & lines) / len(lines) for source, lines in recorded_lines.items()}
    nearest = max(shares, key=lambda source: shares[source], default="")
    return same or (nearest if shares.get(nearest, 0) >= SIMILAR_SHARE else ""), bool(same)
