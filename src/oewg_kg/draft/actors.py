"""Match printed names to actors or the post of the Chair, with the reason for any doubt; find the authors in a title."""

import re
from dataclasses import dataclass, field

import pyoxigraph as ox

from oewg_kg.draft import kinds, patterns
from oewg_kg.draft.table import Row
from oewg_kg.reconcile import matcher, spellings
from oewg_kg.vocabulary import OEWG, local

PERSON_ASKED = "a person, where an actor is expected"
ASKED = {"/person/": PERSON_ASKED, "/observer/": "an observer, not a Member State"}
SURE = 0.95  # only an exact name decides: a wrong actor is worse than a question


@dataclass(frozen=True)
class Actor:
    """The match of one printed name: a code, `NEW:name`, or `?a,b`; why, other candidates, and what a person has to check."""

    printed: str
    code: str
    score: float = 0.0
    why: str = ""
    rivals: str = ""
    check: str = ""


@dataclass
class Names:
    """The names of the graph's actors, and a cache of earlier matches."""

    index: matcher.Index
    known: dict[str, Actor] = field(default_factory=dict)

    def one(self, text: str) -> Actor:
        """Match one name to an actor."""
        name = clean(text)
        if name not in self.known:
            person = bool(patterns.PERSON.match(text.strip()))
            self.known[name] = Actor(" ".join(text.split()), "", check=PERSON_ASKED) if person else self._find(name)
        return self.known[name]

    def several(self, text: str) -> list[Actor]:
        """Find the actors that a text joins by commas, `and`, `&` or a slash; a name that contains one of these is tried in full first."""
        undivided = self.one(text)
        parts = patterns.SEPARATOR.split(clean(text))
        if sure(undivided) or len(parts) == 1 or patterns.COUNTED.match(undivided.printed):
            return [undivided]
        found = self._best(parts)
        if all(_new(actor) and not patterns.COUNTED.match(actor.printed) for actor in found):
            apart = (
                len(parts) == 3
                and re.search(r"and|&", parts[1])
                and all(patterns.CAPITALS.search(part) for part in parts[::2])
            )
            found = [self.one(part) for part in parts[::2]] if apart else [undivided]
        if any("/" in sign for sign in parts[1::2]):
            doubt = "a slash joins names"
            found = [Actor(a.printed, a.code, a.score, a.why, a.rivals, doubt) for a in found]
        return found

    def _best(self, parts: list[str]) -> list[Actor]:
        """Choose the division into names that leaves the fewest unknown."""
        names, signs = parts[::2], parts[1::2]
        best: list[tuple[int, list[Actor]]] = [(0, [])]
        for end in range(1, len(names) + 1):
            options = []
            for start in range(max(0, end - 4), end):
                text = names[start] + "".join(signs[k] + names[k + 1] for k in range(start, end - 1))
                actor = self.one(text) if text.strip() else None
                cost = _cost(actor, end - start) if actor else 0
                options.append((best[start][0] + cost, start, [actor] if actor else []))
            cost, start, last = min(options, key=lambda option: option[:2])
            best.append((cost, [*best[start][1], *last]))
        return best[-1][1]

    def _find(self, name: str) -> Actor:
        if patterns.CHAIR.fullmatch(name):
            return Actor("", "post/chair", 1.0, "the Chair of the page's process")
        if not re.search(r"[^\W\d_]", name):
            return Actor(name, "", check="a number, where an actor is expected")
        found = matcher.candidates(self.index, name)
        named = [one for one in found if not re.match(r"(?:code|ISO|UN M49|Correlates)\b", one.why)]
        best = next(iter(named or found), None)
        if not best or (best.score < SURE and matcher.decide(found) != "matched"):
            return self._unknown(name)
        rivals = _scored(found[1:5])
        codes = list(dict.fromkeys(local(one.iri) for one in named or found))
        if best.score < SURE:
            return Actor(name, codes[0], best.score, best.why, rivals, "perhaps a misprint")
        if len(codes) > 1:
            return Actor(name, f"?{','.join(codes)}", best.score, best.why, rivals, "several actors have this name")
        bearers = self._bearers(name, best.iri)
        doubt = next((asked for kind, asked in ASKED.items() if kind in best.iri), "")
        doubt = doubt if named else "a code, not a name"
        doubt = "a short form shared by several" if len(found) > 1 or bearers else doubt
        return Actor(name, codes[0], best.score, best.why, rivals or "; ".join(bearers), doubt)

    def _unknown(self, name: str) -> Actor:
        """Propose a new actor; for a short form of several names, propose those."""
        bearers = self._bearers(name, "")
        related = [] if patterns.COUNTED.match(name) else matcher.related(self.index, name)[:30]
        if len(spellings.split(name)) == 1:
            bearers = bearers or [local(one.iri) for one in related if _holds(one.why, name)]
        if 1 < len(bearers) <= 9:
            return Actor(name, "?" + ",".join(bearers), 0.5, "part of several names", "", "several may be meant")
        doubt = "a number of unnamed authors" if patterns.COUNTED.match(name) else "not in the graph"
        return Actor(name, f"NEW:{name}", 0.0, "no similar name", _scored(related[:3]), doubt)

    def _bearers(self, name: str, but: str) -> list[str]:
        """List the states whose names are all the same without generic words (Congo, Korea)."""
        core = spellings.bag(spellings.split(name))
        found = self.index.cores.get(core, {})
        states = sorted(iri for iri in found if "/state/" in iri and iri != but)
        return [local(iri) for iri in states] if len(states) + bool(but) > 1 else []


def names(store: ox.Store) -> Names:
    """Collect the names of all actors, except unnamed authors, which each page counts separately."""
    members = matcher.members_of(store, OEWG + "Actor") - matcher.members_of(store, OEWG + "AuthorGroup")
    return Names(matcher.index_of(store, members))


def clean(text: str) -> str:
    """Remove titles and a leading article from a name."""
    bare = patterns.TITLES.sub(" ", " ".join(text.split()))
    bare = re.sub(r"^(?:the|and) ", "", bare.strip(" ,;:-–"), flags=re.IGNORECASE)
    return " ".join(patterns.PERSON.sub("", bare).split()).strip(" ,;:")


def sure(actor: Actor) -> bool:
    """Return whether a name matches exactly one actor."""
    return actor.score >= SURE and not actor.code.startswith("?")


def _scored(found: list[matcher.Candidate]) -> str:
    return "; ".join(f"{local(one.iri)} {one.score:.2f}" for one in found)


def _new(actor: Actor) -> bool:
    return actor.code.startswith("NEW:")


def _cost(actor: Actor, parts: int) -> int:
    """Weigh a name in a division: a known one counts least, an unknown one for each part that it joins."""
    return 6 * parts if _new(actor) else 2 if sure(actor) else 3


def _holds(why: str, name: str) -> bool:
    """Return whether a related name contains all words of a name."""
    quoted = re.search(r'"(.*)"', why)
    return bool(quoted) and set(spellings.split(name)) <= set(spellings.split(quoted[1] if quoted else ""))


def of_title(names: Names, title: str) -> tuple[list[Actor], list[Actor]]:
    """Find the authors of what a title names, and on whose behalf: after `by`, `of` or `from`, before `’s`, or at the front."""
    title, *inside = patterns.INSIDE.split(title, maxsplit=1)
    behalf = whom(names, patterns.CUT.split("".join(inside), maxsplit=1)[0])
    found = _author(names, patterns.READ_OUT.sub("", title))
    if spoken := patterns.READ_OUT.search(title):
        return names.several(spoken["whom"]), behalf or found
    return found, behalf


def _author(names: Names, title: str) -> list[Actor]:
    for match in patterns.AUTHOR.finditer(title):
        text = patterns.CUT.split(title[match.end() :], maxsplit=1)[0]
        aside = match["way"].lower() != "by" and patterns.PREPOSITION.search(title[: match.start()] + " ")
        if aside or patterns.DATE.match(text):
            continue
        found = names.several(text)
        known = any(sure(actor) or patterns.COUNTED.match(actor.printed) for actor in found)
        capital = text[:1].isupper() or text.startswith("the ")
        if known or (match["way"].lower() != "of" and capital):
            return found
    owner = patterns.OWNER.match(title)
    if owner and (all_sure(names, owner["whom"]) or kinds.contribution(title[owner.end() :].split(" on ")[0])):
        return names.several(owner["whom"])
    words = title.split()
    for size in range(min(6, len(words) - 1), 0, -1):
        if all_sure(names, " ".join(words[:size])):
            return names.several(" ".join(words[:size]))
    return []


def whom(names: Names, text: str) -> list[Actor]:
    """Find on whose behalf an actor spoke, by the words that say it, if any; `itself and` means the actor too."""
    text = re.sub(r"^(?:itself|themselves|their own countries|its own country)\s*(?:,|and)\s*", "", text.strip())
    text = re.split(r"\s+in (?:its|their) ", text)[0]
    return names.several(text) if text else []


def all_sure(names: Names, name: str) -> bool:
    """Return whether a text consists of names of known actors, and nothing else."""
    return bool(name.strip()) and all(actor.score >= SURE for actor in names.several(name))


def named(row: Row, given: list[Actor], behalf: list[Actor]) -> None:
    """Write actors into a row, with what a person has to check."""
    given = [actor for actor in given if actor.code or actor.printed]
    row.printed = "|".join(actor.printed for actor in [*given, *behalf] if actor.printed)
    row.actors = _codes(given) or "not-stated"
    row.in_the_name_of = _codes(behalf)
    everyone = [*given, *behalf]
    row.score = f"{min((actor.score for actor in everyone), default=0):.2f}" if everyone else ""
    row.why = "; ".join(dict.fromkeys(actor.why for actor in everyone if actor.why))
    row.rivals = "; ".join(actor.rivals for actor in everyone if actor.rivals)
    for actor in everyone:
        if actor.check:
            row.ask(actor.check)


def _codes(given: list[Actor]) -> str:
    """Join the codes of actors; an unresolved one makes the cell a question only if it is the only one."""
    codes = [actor.code for actor in given]
    return "|".join(code for code in codes if code and (len(codes) == 1 or not code.startswith("?")))
