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

LIKE = 0.3  # the share of a page's lines that a later version of it still has
MAIL = re.compile(r"[^\s@]+@[^\s@]*\w")
LONGEST = 10_000_000  # bytes of a file that may be a page
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


def at_hand(dataset: Dataset, folder: Path) -> dict[Path, dict[str, str]]:
    """Find lines of source pages, with their words, in the files of a folder by their digests; raises UsageError if there are none."""
    recorded = terms.pairs(dataset.store, OEWG + "digest")
    found = {}
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and path.stat().st_size < LONGEST)
    except OSError as error:
        raise from_os_error(error, "reading the folder of pages") from error
    for path in files:
        words = {line_digest(text): text.strip() for text in page_lines(path)}
        if lines := {line: words[digest] for line, digest in recorded if digest in words}:
            found[path] = lines
    if not found:
        what = "no file in this folder contains the text of a source page"
        raise UsageError(what, str(folder), "save the pages there as text files")
    return found


def with_words(dataset: Dataset, folder: Path) -> Dataset:
    """Add the words of the lines that the files of a folder hold; e-mail addresses are never shown."""
    found = {line: words for lines in at_hand(dataset, folder).values() for line, words in lines.items()}
    shown = {line: MAIL.sub("[e-mail address]", words) for line, words in found.items()}
    return Dataset(dataset.store, dataset.files, shown)


def coverage(dataset: Dataset, path: Path) -> Coverage:
    """Compare a page's lines with what is transcribed of it; raises UsageError if the text matches none of the pages."""
    store, text = dataset.store, page_lines(path)
    digests = _recorded(store)
    source, same = source_of(store, path)
    if not source:
        advice = "give the text of one of the pages listed by `oewg info`, or add it with `oewg source add`"
        raise UsageError("this text does not match any of the source pages", str(path), advice)
    # A new capture without recorded lines is compared with the former one; its own graphs are for the lines that changed.
    base = source if source in digests else dict(terms.pairs(store, REVISED)).get(source, source)
    graphs = {terms.text_of(graph) for graph in store.named_graphs()}
    was, gone = _aligned(digests.get(base, {}), text)
    origin, statuses, comments = (dict(terms.pairs(store, name)) for name in (QUOTED, STATUS, COMMENT))
    accounted: dict[str, list[Any]] = {name: [] for name in ("facts", "marked", "blank", "missing", "changed")}
    for number, words in enumerate(text, 1):
        line = f"{base}#L{was.get(number, number)}"
        own = base != source and f"{source}#L{number}" in graphs
        line = f"{source}#L{number}" if own else origin.get(line, line)
        if not words.strip():
            accounted["blank"].append(number)
        elif number not in was and base in digests and not own:
            accounted["changed"].append(number)
        elif status := statuses.get(line):
            accounted["marked"].append((number, terms.compact(status).partition(":")[2], comments.get(line, "")))
        else:
            accounted["facts" if line in graphs else "missing"].append(number)
    moved = sum(number != old for number, old in was.items())
    listed = {name: tuple(numbers) for name, numbers in accounted.items()}
    return Coverage(source, same, gone=tuple(gone), moved=moved, **listed)


def _aligned(digests: dict[int, str], text: list[str]) -> tuple[dict[int, int], list[int]]:
    """Align a text with the recorded lines: map each line to its recorded number, and list those gone; one changed in place is neither."""
    import difflib  # here: who asks a question compares no lines

    old = sorted(digests.items())
    new = [(number, line_digest(words)) for number, words in enumerate(text, 1) if words.strip()]
    matcher = difflib.SequenceMatcher(None, [d for _, d in old], [d for _, d in new], autojunk=False)
    was: dict[int, int] = {}
    gone: list[int] = []
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            was |= {new[new_from + step][0]: old[old_from + step][0] for step in range(old_to - old_from)}
        else:
            gone += [number for number, _ in old[old_from + (new_to - new_from) : old_to]]
    return was, gone


def line_records(source: str, path: Path, store: ox.Store) -> str:
    """Write number, digest and number of triples of each line as Turtle; raises UsageError if the words of a cited line would change."""
    page, text, recorded = source.rpartition("/")[2], page_lines(path), _recorded(store)
    for number, digest in recorded.get(source, {}).items():
        same = number <= len(text) and line_digest(text[number - 1]) == digest
        if not same and store.contains_named_graph(ox.NamedNode(f"{source}#L{number}")):
            name = f"source:{re.sub('-[0-9a-f]{8}$', '', page)}-{text_digest(path)[:8]}"
            raise UsageError(
                f"the words of line {number} of {page} would change, although the line may have been cited",
                str(path),
                f"record the edited page as a new source, {name}, with prov:wasRevisionOf source:{page} (data/README.md)",
            )
    former, origin = dict(terms.pairs(store, REVISED)).get(source, ""), dict(terms.pairs(store, QUOTED))
    was = _aligned(recorded.get(former, {}), text)[0]
    prefix = next((name for name, space in PREFIXES.items() if space == f"{source}#L"), "")
    if not prefix:
        advice = "add vann:preferredNamespacePrefix to its block in data/sources.ttl"
        raise UsageError(f"the page {page} has no short name for its lines", advice=advice)
    head = f"# The lines of {page}: number, digest and number of triples, so that a change or a loss is noticed line by line.\n"
    head += "# Written by `oewg coverage PAGE.txt --record`; not by hand.\n"
    lines = []
    for number, words in enumerate(text, 1):
        facts = [f"oewg:ofSource source:{page}", f"oewg:lineNumber {number}", f'oewg:digest "{line_digest(words)}"']
        if stated := sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(f"{source}#L{number}"))):
            facts.append(f"oewg:tripleCount {stated}")
        elif number in was:
            old = f"{former}#L{was[number]}"
            facts.append(f"prov:wasQuotedFrom <{origin.get(old, old)}>")
        if words.strip():
            joined = " ;\n    ".join(facts)
            lines.append(f"\n{prefix}:{number} a oewg:SourceLine ;\n    {joined} .\n")
    body = "".join(lines)
    return head + declarations(text=body) + body


def open_lines(store: ox.Store) -> list[tuple[str, str]]:
    """List the recorded lines that have no graph, by page and number, each with the nearest heading above it in words ("" for none)."""
    found, above, of_page = [], "", ""
    for row in select(store, own_query("recorded-lines")):
        line, page = row["line"].value, row["page"].value
        above, of_page = above if page == of_page else "", page
        if row["open"].value == "true":
            found.append((line, above))
        elif row["heading"].value == "true":
            above = f"{terms.compact(line)} {terms.text_of(row['label'])}".rstrip()
    return found


def _recorded(store: ox.Store) -> dict[str, dict[int, str]]:
    """Find the digests of the lines of each page, by number."""
    digests: dict[str, dict[int, str]] = {}
    for line, digest in terms.pairs(store, OEWG + "digest"):
        page, mark, number = line.rpartition("#L")
        if mark:
            digests.setdefault(page, {})[int(number)] = digest
    return digests


def source_of(store: ox.Store, path: Path) -> tuple[str, bool]:
    """Find the source with the digest of a text, else with the most similar lines ("" if few are); and whether the text is the same."""
    mine, digest = {line_digest(line) for line in page_lines(path) if line.strip()}, text_digest(path)
    same = next((source for source, known in terms.pairs(store, OEWG + "digest") if known == digest), "")
    recorded = {page: set(lines.values()) for page, lines in sorted(_recorded(store).items())}
    shares = {page: len(mine & lines) / len(lines) for page, lines in recorded.items()}
    best = max(shares, key=lambda page: shares[page], default="")
    return same or (best if shares.get(best, 0) >= LIKE else ""), bool(same)
