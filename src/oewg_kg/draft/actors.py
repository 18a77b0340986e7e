"""Match printed names to actors or the post of the Chair, with the reason for any doubt; find the authors in a title."""

import re
from dataclasses import dataclass, field

import pyoxigraph as ox

from oewg_kg.draft import kinds, patterns
from oewg_kg.draft.table import Row
from oewg_kg.reconcile import matcher, spellings
from oewg_kg.vocabulary import OEWG, local

PERSON_ASKED = "a person, where an actor is expected"
CHECKS = {"/person/": PERSON_ASKED, "/observer/": "an observer, not a Member State"}
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
class ActorNames:
    """The names of the graph's actors, and a cache of earlier matches."""

    index: matcher.Index
    matches: dict[str, Actor] = field(default_factory=dict)

    def actor_named(self, text: str) -> Actor:
        """Match one name to an actor."""
        name = strip_titles(text)
        if name not in self.matches:
            person = patterns.PERSON.match(text.strip())
            self.matches[name] = Actor(" ".join(text.split()), "", check=PERSON_ASKED) if person else self._match(name)
        return self.matches[name]

    def actors_named(self, text: str) -> list[Actor]:
        """Find the actors that a text joins by commas, `and`, `&` or a slash; a name that contains one of these is tried in full first."""
        undivided = self.actor_named(text)
        pieces = patterns.SEPARATOR.split(strip_titles(text))
        if is_sure(undivided) or len(pieces) == 1 or patterns.COUNTED.match(undivided.printed):
            return [undivided]
        actors = self._best_division(pieces)
        if all(_is_new(actor) and not patterns.COUNTED.match(actor.printed) for actor in actors):
            three_names = (
                len(pieces) == 3
                and re.search(r"and|&", pieces[1])
                and all(patterns.CAPITALS.search(piece) for piece in pieces[::2])
            )
            actors = [self.actor_named(piece) for piece in pieces[::2]] if three_names else [undivided]
        if any("/" in joint for joint in pieces[1::2]):
            check = "a slash joins names"
            actors = [Actor(actor.printed, actor.code, actor.score, actor.why, actor.rivals, check) for actor in actors]
        return actors

    def _best_division(self, pieces: list[str]) -> list[Actor]:
        """Choose the division into names that leaves the fewest unknown."""
        best: list[tuple[int, list[Actor]]] = [(0, [])]
        for end in range(1, len(pieces) // 2 + 2):
            divisions = []
            for start in range(max(0, end - 4), end):
                text = "".join(pieces[2 * start : 2 * end - 1])
                actor = self.actor_named(text) if text.strip() else None
                cost = _division_cost(actor, end - start) if actor else 0
                divisions.append((best[start][0] + cost, start, [actor] if actor else []))
            cost, start, last = min(divisions, key=lambda division: division[:2])
            best.append((cost, [*best[start][1], *last]))
        return best[-1][1]

    def _match(self, name: str) -> Actor:
        if patterns.CHAIR.fullmatch(name):
            return Actor("", "post/chair", 1.0, "the Chair of the page's process")
        if not re.search(r"[^\W\d_]", name):
            return Actor(name, "", check="a number, where an actor is expected")
        candidates = matcher.candidates(self.index, name)
        by_name = [match for match in candidates if not re.match(r"(?:code|ISO|UN M49|Correlates)\b", match.why)]
        best = next(iter(by_name or candidates), None)
        if not best or (best.score < SURE and matcher.match_status(candidates) != "matched"):
            return self._new_actor(name)
        rivals = _list_scores(candidates[1:5])
        codes = list(dict.fromkeys(local(candidate.iri) for candidate in by_name or candidates))
        if best.score < SURE:
            return Actor(name, codes[0], best.score, best.why, rivals, "perhaps a misprint")
        if len(codes) > 1:
            return Actor(name, f"?{','.join(codes)}", best.score, best.why, rivals, "several actors have this name")
        sharing = self._states_sharing(name, best.iri)
        check = next((check for iri_part, check in CHECKS.items() if iri_part in best.iri), "")
        check = check if by_name else "a code, not a name"
        check = "a short form shared by several" if len(candidates) > 1 or sharing else check
        return Actor(name, codes[0], best.score, best.why, rivals or "; ".join(sharing), check)

    def _new_actor(self, name: str) -> Actor:
        """Propose a new actor; for a short form of several names, propose those."""
        sharing = self._states_sharing(name, "")
        related = [] if patterns.COUNTED.match(name) else matcher.related(self.index, name)[:30]
        if len(spellings.name_words(name)) == 1:
            sharing = sharing or [local(candidate.iri) for candidate in related if _contains_words(candidate.why, name)]
        if 1 < len(sharing) <= 9:
            return Actor(name, "?" + ",".join(sharing), 0.5, "part of several names", "", "several may be meant")
        check = "a number of unnamed authors" if patterns.COUNTED.match(name) else "not in the graph"
        return Actor(name, f"NEW:{name}", 0.0, "no similar name", _list_scores(related[:3]), check)

    def _states_sharing(self, name: str, except_iri: str) -> list[str]:
        """List the states whose names are all the same without generic words (Congo, Korea)."""
        core_words = spellings.bag(spellings.name_words(name))
        same_core = self.index.cores.get(core_words, {})
        states = sorted(iri for iri in same_core if "/state/" in iri and iri != except_iri)
        return [local(iri) for iri in states] if len(states) + bool(except_iri) > 1 else []


def actor_names(store: ox.Store) -> ActorNames:
    """Collect the names of all actors, except unnamed authors, which each page counts separately."""
    members = matcher.members_of(store, OEWG + "Actor") - matcher.members_of(store, OEWG + "AuthorGroup")
    return ActorNames(matcher.index_of(store, members))


def strip_titles(text: str) -> str:
    """Remove titles and a leading article from a name."""
    name = patterns.TITLES.sub(" ", " ".join(text.split()))
    name = re.sub(r"^(?:the|and) ", "", name.strip(" ,;:-–"), flags=re.IGNORECASE)
    return " ".join(patterns.PERSON.sub("", name).split()).strip(" ,;:")


def is_sure(actor: Actor) -> bool:
    """Return whether a name matches exactly one actor."""
    return actor.score >= SURE and not actor.code.startswith("?")


def _list_scores(candidates: list[matcher.Candidate]) -> str:
    return "; ".join(f"{local(candidate.iri)} {candidate.score:.2f}" for candidate in candidates)


def _is_new(actor: Actor) -> bool:
    return actor.code.startswith("NEW:")


def _division_cost(actor: Actor, pieces: int) -> int:
    """Weigh a name in a division: a known one counts least, an unknown one for each part that it joins."""
    return 6 * pieces if _is_new(actor) else 2 if is_sure(actor) else 3


def _contains_words(why: str, name: str) -> bool:
    """Return whether a related name contains all words of a name."""
    quoted = re.search(r'"(.*)"', why)
    return bool(quoted) and set(spellings.name_words(name)) <= set(spellings.name_words(quoted[1] if quoted else ""))


def authors_in_title(names: ActorNames, title: str) -> tuple[list[Actor], list[Actor]]:
    """Find the authors of what a title names, and on whose behalf: after `by`, `of` or `from`, before `’s`, or at the front."""
    title, *behalf_words = patterns.INSIDE.split(title, maxsplit=1)
    behalf = on_behalf(names, patterns.CUT.split("".join(behalf_words), maxsplit=1)[0])
    authors = _authors(names, patterns.READ_OUT.sub("", title))
    if read_out := patterns.READ_OUT.search(title):
        return names.actors_named(read_out["whom"]), behalf or authors
    return authors, behalf


def _authors(names: ActorNames, title: str) -> list[Actor]:
    for match in patterns.AUTHOR.finditer(title):
        text = patterns.CUT.split(title[match.end() :], maxsplit=1)[0]
        is_other_noun = match["way"].lower() != "by" and patterns.PREPOSITION.search(title[: match.start()] + " ")
        if is_other_noun or patterns.DATE.match(text):
            continue
        authors = names.actors_named(text)
        recognized = any(is_sure(actor) or patterns.COUNTED.match(actor.printed) for actor in authors)
        capitalized = text[:1].isupper() or text.startswith("the ")
        if recognized or (match["way"].lower() != "of" and capitalized):
            return authors
    owner = patterns.OWNER.match(title)
    if owner and (all_sure(names, owner["whom"]) or kinds.contribution(title[owner.end() :].split(" on ")[0])):
        return names.actors_named(owner["whom"])
    words = title.split()
    for size in range(min(6, len(words) - 1), 0, -1):
        if all_sure(names, " ".join(words[:size])):
            return names.actors_named(" ".join(words[:size]))
    return []


def on_behalf(names: ActorNames, text: str) -> list[Actor]:
    """Find on whose behalf an actor spoke, by the words that say it, if any; `itself and` means the actor too."""
    text = re.sub(r"^(?:itself|themselves|their own countries|its own country)\s*(?:,|and)\s*", "", text.strip())
    text = re.split(r"\s+in (?:its|their) ", text)[0]
    return names.actors_named(text) if text else []


def all_sure(names: ActorNames, name: str) -> bool:
    """Return whether a text consists of names of known actors, and nothing else."""
    return bool(name.strip()) and all(actor.score >= SURE for actor in names.actors_named(name))


def fill_actors(row: Row, authors: list[Actor], behalf: list[Actor]) -> None:
    """Write actors into a row, with what a person has to check."""
    authors = [actor for actor in authors if actor.code or actor.printed]
    row.printed = "|".join(actor.printed for actor in [*authors, *behalf] if actor.printed)
    row.actors = _join_codes(authors) or "not-stated"
    row.in_the_name_of = _join_codes(behalf)
    parties = [*authors, *behalf]
    row.score = f"{min((actor.score for actor in parties), default=0):.2f}" if parties else ""
    row.why = "; ".join(dict.fromkeys(actor.why for actor in parties if actor.why))
    row.rivals = "; ".join(actor.rivals for actor in parties if actor.rivals)
    for actor in parties:
        if actor.check:
            row.ask(actor.check)


def _join_codes(actors: list[Actor]) -> str:
    """Join the codes of actors; an unresolved one makes the cell a question only if it is the only one."""
    codes = [actor.code for actor in actors]
    return "|".join(code for code in codes if code and (len(codes) == 1 or not code.startswith("?")))
