"""How much of a page is transcribed: its text compared, line by line, with the lines recorded."""

import contextlib
import difflib
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError, from_os_error
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE, declarations

LIKE = 0.3  # the share of a page's lines that a later version of it still has
HEADED = ("Process", "List", "Event", "Session", "Meeting", "SideEvent")

MAIL = re.compile(r"[^\s@]+@[^\s@]*\w")
LONGEST = 10_000_000  # bytes of a file that may be a page


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
    """Digest one line, spaces at its ends left out: the first 16 hexadecimal digits of the SHA-256."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def page_text(path: Path) -> str:
    """Read the text of a page, without a byte order mark and with line ends as on Unix; raises StorageError."""
    try:
        return path.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except OSError as error:
        raise from_os_error(error, "reading the page") from error


def page_lines(path: Path) -> list[str]:
    """Read the lines of a page's text, as `cat -n` counts them; raises StorageError."""
    return page_text(path).removesuffix("\n").split("\n")


def text_digest(path: Path) -> str:
    """Digest the text of a page: all 64 hexadecimal digits of the SHA-256."""
    return hashlib.sha256(page_text(path).encode()).hexdigest()


def at_hand(dataset: Dataset, folder: Path) -> dict[Path, dict[str, str]]:
    """Find lines of source pages, with their words, in the files of a folder by their digests; raises UsageError for none."""
    quads = dataset.store.quads_for_pattern(None, ox.NamedNode(OEWG + "digest"), None, ox.DefaultGraph())
    recorded = [(terms.text_of(quad.subject), terms.text_of(quad.object)) for quad in quads]
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
        raise UsageError(
            "no file here has the text of a source page", str(folder), "save the pages as text files there"
        )
    return found


def with_words(dataset: Dataset, folder: Path) -> Dataset:
    """Add the words of the lines that the files of a folder hold; e-mail addresses are never shown."""
    found = {line: words for lines in at_hand(dataset, folder).values() for line, words in lines.items()}
    shown = {line: MAIL.sub("[e-mail address]", words) for line, words in found.items()}
    return Dataset(dataset.store, dataset.files, shown)


def coverage(dataset: Dataset, path: Path, first: int = 1, last: int | None = None) -> Coverage:
    """Compare a page's lines, first to last, with what is transcribed of it; raises UsageError when the text is like none of the pages."""
    text = page_lines(path)
    source, same, digests = _page_of(dataset, text, path)
    graphs = {terms.text_of(graph) for graph in dataset.store.named_graphs()}
    was, gone = _aligned(digests, text)
    last = min(last or len(text), len(text))
    facts, marked, blank, missing, changed = [], [], [], [], []
    for number in range(first, last + 1):
        line = f"{source}#L{was.get(number, number)}"
        status = _status(dataset.store, line)
        if not text[number - 1].strip():
            blank.append(number)
        elif number not in was and digests:
            changed.append(number)
        elif status:
            marked.append((number, *status))
        elif line in graphs:
            facts.append(number)
        else:
            missing.append(number)
    moved = sum(number != old for number, old in was.items())
    left = tuple(number for number in gone if first <= number and (number <= last or last == len(text)))
    return Coverage(
        source, same, tuple(facts), tuple(marked), tuple(blank), tuple(missing), tuple(changed), left, moved
    )


def _aligned(digests: dict[int, str], text: list[str]) -> tuple[dict[int, int], list[int]]:
    """Align a text with the lines recorded: former numbers of lines, and lines that are gone; one changed in place is neither."""
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
    """Write number, digest and, once transcribed, number of triples of a page's lines as Turtle, one block for each that is not blank."""
    page = source.rpartition("/")[2]
    prefix = next((name for name, space in PREFIXES.items() if space == f"{source}#L"), "")
    if not prefix:
        advice = "add vann:preferredNamespacePrefix to its block in data/sources.ttl"
        raise UsageError(f"no short name for the lines of {page}", advice=advice)
    head = f"# The lines of {page}: number, digest and number of triples, so that a change or a loss is noticed line by line.\n"
    head += "# Written by `oewg coverage PAGE.txt --record`; not by hand.\n"
    lines = [
        f"\n{prefix}:{number} a oewg:SourceLine ;\n    oewg:ofSource source:{page} ;\n"
        f'    oewg:lineNumber {number} ;\n    oewg:digest "{line_digest(text)}"{_triple_count(store, f"{source}#L{number}")} .\n'
        for number, text in enumerate(page_lines(path), 1)
        if text.strip()
    ]
    return head + declarations(prefix) + "".join(lines)


def _triple_count(store: ox.Store, line: str) -> str:
    count = sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(line)))
    return f" ;\n    oewg:tripleCount {count}" if count else ""


def open_lines(store: ox.Store) -> list[tuple[str, str]]:
    """List the recorded lines that have no graph, by page and number, each with the nearest heading above it ("" for none)."""
    headings: set[object] = {
        q.object for q in store.quads_for_pattern(None, ox.NamedNode(OEWG + "underHeading"), None, None)
    }
    for name in HEADED:
        headings |= {
            q.graph_name for q in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + name))
        }
    named = ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "SourceLine"), ox.DefaultGraph()
    found, above = [], ""
    for line in sorted({terms.text_of(q.subject) for q in store.quads_for_pattern(None, *named)}, key=terms.line_order):
        above = above if above.partition("#")[0] == line.partition("#")[0] else ""
        if not store.contains_named_graph(ox.NamedNode(line)):
            found.append((line, above))
        elif ox.NamedNode(line) in headings:
            above = line
    return found


def source_of(dataset: Dataset, path: Path) -> str:
    """Name the page that a text is of, by its digest or its lines; "" for none."""
    with contextlib.suppress(UsageError):
        return _page_of(dataset, page_lines(path), path)[0].rpartition("/")[2]
    return ""


def _page_of(dataset: Dataset, text: list[str], path: Path) -> tuple[str, bool, dict[int, str]]:
    """Find the source with the digest of a text, else that whose recorded lines are most like it; and whether it is the same text."""
    mine, whole = {line_digest(line) for line in text if line.strip()}, text_digest(path)
    digests: dict[str, dict[int, str]] = {}
    same = ""
    for quad in dataset.store.quads_for_pattern(None, ox.NamedNode(OEWG + "digest"), None):
        page, mark, number = terms.text_of(quad.subject).rpartition("#L")
        if mark:
            digests.setdefault(page, {})[int(number)] = terms.text_of(quad.object)
        elif terms.text_of(quad.object) == whole:
            same = terms.text_of(quad.subject)
    shares = {
        page: len(mine & set(lines.values())) / len(set(lines.values())) for page, lines in sorted(digests.items())
    }
    best = same or max(shares, key=lambda page: shares[page], default="")
    if not same and shares.get(best, 0) < LIKE:
        raise UsageError(
            "this text does not match any of the source pages",
            str(path),
            "give the text of one of the pages listed by `oewg info`, or add it with `oewg source add`",
        )
    return best, bool(same), digests.get(best, {})


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
