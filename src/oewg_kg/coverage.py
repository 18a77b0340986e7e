"""How much of a page is transcribed: its text compared, line by line, with the lines recorded."""

import difflib
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError, from_os_error
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES


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


def page_lines(path: Path) -> list[str]:
    """Read the lines of a page's text, as `cat -n` counts them; raises StorageError."""
    try:
        return path.read_bytes().decode("utf-8-sig", "replace").removesuffix("\n").split("\n")
    except OSError as error:
        raise from_os_error(error, "reading the page") from error


def coverage(dataset: Dataset, path: Path, first: int = 1, last: int | None = None) -> Coverage:
    """Compare a page's lines, first to last, with what is transcribed of it; raises UsageError when the text is like none of the pages."""
    text = page_lines(path)
    source, digests = _page_of(dataset, text, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    same = any(
        terms.text_of(quad.object) == digest
        for quad in dataset.store.quads_for_pattern(ox.NamedNode(source), ox.NamedNode(OEWG + "digest"), None)
    )
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
    prefix = terms.compact(f"{source}#L1").partition(":")[0]
    if prefix not in PREFIXES:
        raise UsageError(f"no prefix for the lines of {page}", advice="add one to PREFIXES in vocabulary.py")
    head = f"# The lines of {page}: number, digest and number of triples, so that a change or a loss is noticed line by line.\n"
    head += "# Written by `oewg coverage PAGE.txt --record`; not by hand.\n"
    block = "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in PREFIXES.items())
    lines = [
        f"\n{prefix}:{number} a oewg:SourceLine ;\n    oewg:ofSource source:{page} ;\n"
        f'    oewg:lineNumber {number} ;\n    oewg:digest "{line_digest(text)}"{_triple_count(store, f"{source}#L{number}")} .\n'
        for number, text in enumerate(page_lines(path), 1)
        if text.strip()
    ]
    return head + block + "".join(lines)


def _triple_count(store: ox.Store, line: str) -> str:
    count = sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(line)))
    return f" ;\n    oewg:tripleCount {count}" if count else ""


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
                "this text does not match any of the source pages",
                str(path),
                "give the text of one of the pages listed by `oewg info`",
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
