"""Find authors in a title, and on whose behalf they wrote: `Joint proposal by A and B`, `Position paper of A`."""

import re

from oewg_kg.draft import actors, dates, kinds, patterns
from oewg_kg.draft.actors import Actor, Names


def of_title(names: Names, title: str, loose: bool = True) -> tuple[list[Actor], list[Actor]]:
    """Find who gave what a title names, and for whom: after `by`, `of` or `from`, before `’s`, or in front."""
    behalf: list[Actor] = []
    parts = patterns.INSIDE.split(title, maxsplit=1)
    if len(parts) == 2:
        behalf = whom(names, patterns.CUT.split(parts[1], maxsplit=1)[0])
    spoken = patterns.READ_OUT.search(parts[0])
    found = _author(names, patterns.READ_OUT.sub("", parts[0]), loose)
    if spoken:
        return names.several(spoken["whom"]), behalf or found
    return found, behalf


def _author(names: Names, title: str, loose: bool) -> list[Actor]:
    for match in patterns.AUTHOR.finditer(title):
        if match["way"].lower() != "by" and patterns.PREPOSITION.search(title[: match.start()] + " "):
            continue
        text = patterns.CUT.split(title[match.end() :], maxsplit=1)[0]
        found = names.several(text)
        if dates.FORMS.match(text):
            continue
        known = any(actors.sure(actor) or patterns.COUNTED.match(actor.printed) for actor in found)
        capital = text[:1].isupper() or text.startswith("the ")
        if known or (loose and match["way"].lower() != "of" and capital):
            return found
    owner = patterns.OWNER.match(title)
    if owner and (
        all_sure(names, owner["whom"]) or (loose and kinds.contribution(title[owner.end() :].split(" on ")[0]))
    ):
        return names.several(owner["whom"])
    words = title.split()
    for size in range(min(6, len(words) - 1), 0, -1):
        if all_sure(names, " ".join(words[:size])):
            return names.several(" ".join(words[:size]))
    return []


def whom(names: Names, text: str) -> list[Actor]:
    """Find for whom an actor spoke; `itself and` is the actor."""
    text = re.sub(r"^(?:itself|themselves|their own countries|its own country)\s*(?:,|and)\s*", "", text.strip())
    text = re.split(r"\s+in (?:its|their) ", text)[0]
    return names.several(text)


def all_sure(names: Names, name: str) -> bool:
    """Return whether a text consists of names of known actors, and nothing else."""
    return bool(name.strip()) and all(actor.score >= actors.SURE for actor in names.several(name))
