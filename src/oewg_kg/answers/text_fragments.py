"""Text fragments (`#:~:text=`): links that open a source page at the words printed on a line."""

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
    printed = _printed_words(store)
    digests = terms.pairs(store, OEWG + "digest")
    complete = {line: _complete_line(printed[line], digest) for line, digest in digests if line in printed}
    directives_by_line: dict[str, str] = {}
    words_above: dict[str, str] = defaultdict(str)
    lines_above: dict[str, str] = defaultdict(str)
    for line in sorted(printed, key=terms.line_order):
        page, _, number = line.rpartition("#L")
        words, above, below = (complete.get(f"{page}#L{int(number) + step}", "") for step in (0, -1, 1))
        phrases = {word: name for name, texts in printed[line].items() for word in sorted(texts)}
        distinct = sorted((word for word, name in phrases.items() if name != DATE), key=lambda word: (-len(word), word))
        choices = [("", word, "") for word in (words, *distinct) if not _is_date(word)]
        choices += [choice for choice in (("", words, below), (above, words, "")) if words and "".join(choice) != words]
        earlier = (words_above[page], lines_above[page])
        clear = (choice for choice in choices if not any(_folded_words(*choice) in text for text in earlier))
        if choice := next(clear, None):
            directives_by_line[line] = encode_directive(*choice)
        words_above[page] += "\n".join(map(_folded_words, phrases))
        lines_above[page] = lines_above[page].rstrip() + _folded_words(words or " ".join(phrases))
    return directives_by_line


def encode_directive(prefix: str, words: str, suffix: str) -> str:
    """Write `prefix-,words,-suffix`, with every `-`, `,` and `&` of the words in percent encoding, as the syntax of directives asks."""
    prefix, words, suffix = (quote(part, safe="").replace("-", "%2D") for part in (prefix, words, suffix))
    return (f"{prefix}-," if prefix else "") + words + (f",-{suffix}" if suffix else "")


def _folded_words(*words: str) -> str:
    """Normalize words for comparison, with a space at each end, so that only complete words match."""
    return f" {terms.folded(' '.join(words))} "


def _is_date(words: str) -> bool:
    """Return whether a text consists only of numbers and months."""
    return all(word.isdigit() or word in terms.MONTHS for word in terms.folded(words).split())


def _printed_words(store: ox.Store) -> Printed:
    """Collect the names, labels, symbols and dates that each line prints, by property."""
    printed: Printed = defaultdict(lambda: defaultdict(set))
    for predicate in (NAME, LABEL, OEWG + "symbol", DATE):
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None):
            if "#L" in (line := terms.text_of(quad.graph_name)):
                printed[line][predicate].add(terms.text_of(quad.object))
    return printed


def _complete_line(words: dict[str, set[str]], digest: str) -> str:
    """Find all words of a line if they are a name, a label, or a name and up to four labels in brackets; else return ""."""
    labels = sorted(words[LABEL])
    orders = [order for count in range(5) for order in permutations(labels, count)] if len(labels) < 8 else []
    names = [name + "".join(f" [{label}]" for label in order) for name in sorted(words[NAME]) for order in orders]
    lines = (bullet + text for text in (*names, *labels) for bullet in ("- ", "", "– "))
    return next((line.removeprefix("- ") for line in lines if line_digest(line) == digest), "")
