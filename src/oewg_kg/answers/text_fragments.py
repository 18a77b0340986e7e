"""Text fragments (`#:~:text=`) for links that open a page at the words of a line."""

from collections import defaultdict
from itertools import permutations
from urllib.parse import quote

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.evidence.coverage import line_digest
from oewg_kg.vocabulary import OEWG

NAME, LABEL, DATE = (OEWG + name for name in ("nameInSource", "labelInSource", "dateInSource"))
Printed = dict[str, dict[str, set[str]]]


def directives(store: ox.Store) -> dict[str, str]:
    """Write the value of `text=` for each line that its printed words identify, alone or together with those of the line above or below.

    A browser marks the first match on the page, so words are ambiguous only if they also occur on a line above. A list item is known
    word by word if its name and labels have the digest of the line; of other lines only names, labels and symbols are known.
    Days and months occur too often to identify a line; dates may make other words ambiguous.
    """
    printed = _printed(store)
    complete = {
        line: _complete(words, digest)
        for line, digest in terms.pairs(store, OEWG + "digest")
        if (words := printed.get(line))
    }
    found: dict[str, str] = {}
    pieces: dict[str, str] = defaultdict(str)
    upper: dict[str, str] = defaultdict(str)
    for line in sorted(printed, key=terms.line_order):
        page, _, number = line.rpartition("#L")
        own, before, after = (complete.get(f"{page}#L{int(number) + step}", "") for step in (0, -1, 1))
        every = {word: name for name, words in printed[line].items() for word in sorted(words)}
        telling = sorted((word for word, name in every.items() if name != DATE), key=lambda word: (-len(word), word))
        choices = [("", word, "") for word in (own, *telling) if not _dated(word)]
        choices += [choice for choice in (("", own, after), (before, own, "")) if own and "".join(choice) != own]
        clear = (one for one in choices if not any(_folded(*one) in text for text in (pieces[page], upper[page])))
        if one := next(clear, None):
            found[line] = encoded(*one)
        pieces[page] += "\n".join(map(_folded, every))
        upper[page] = upper[page].rstrip() + _folded(own or " ".join(every))
    return found


def encoded(prefix: str, words: str, suffix: str) -> str:
    """Write `prefix-,words,-suffix`, with every `-`, `,` and `&` of the words in percent encoding, as the syntax of directives asks."""
    prefix, words, suffix = (quote(text, safe="").replace("-", "%2D") for text in (prefix, words, suffix))
    return (f"{prefix}-," if prefix else "") + words + (f",-{suffix}" if suffix else "")


def _folded(*parts: str) -> str:
    """Normalize words for comparison, with a space at each end, so that only complete words match."""
    return f" {terms.folded(' '.join(parts))} "


def _dated(words: str) -> bool:
    """Return whether a text consists only of numbers and months."""
    return all(word.isdigit() or word in terms.MONTHS for word in terms.folded(words).split())


def _printed(store: ox.Store) -> Printed:
    """Collect the names, labels, symbols and dates that each line prints, by property."""
    found: Printed = defaultdict(lambda: defaultdict(set))
    for predicate in (NAME, LABEL, OEWG + "symbol", DATE):
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None):
            if "#L" in (line := terms.text_of(quad.graph_name)):
                found[line][predicate].add(terms.text_of(quad.object))
    return found


def _complete(words: dict[str, set[str]], digest: str) -> str:
    """Find all words of a line if they are a name, a label, or a name and up to four labels in brackets; else return ""."""
    labels = sorted(words[LABEL])
    rows = [row for most in range(5) for row in permutations(labels, most)] if len(labels) < 8 else []
    named = [name + "".join(f" [{label}]" for label in row) for name in sorted(words[NAME]) for row in rows]
    texts = (mark + text for text in (*named, *labels) for mark in ("- ", "", "– "))
    return next((text.removeprefix("- ") for text in texts if line_digest(text) == digest), "")
