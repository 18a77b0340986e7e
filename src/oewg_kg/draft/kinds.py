"""The words by which pages say of what kind a contribution, a document or an event is, and in which languages it stands.

Not for who gave it or about what. Kinds are those of `ontology/concepts.ttl`; nothing here makes one up.
"""

import re
from collections.abc import Sequence

Lexicon = Sequence[tuple[str, str]]

# The more particular before the more general: the first that is found in the head of a phrase is taken.
CONTRIBUTIONS: Lexicon = (
    ("working paper", "working-paper"),
    ("research paper", "research-paper"),
    ("position paper|national position", "position-paper"),
    ("briefing paper|policy brief", "briefing-paper"),
    ("informal paper", "informal-paper"),
    ("concept (?:note|paper)", "concept-note"),
    ("non-?paper", "non-paper"),
    ("drafting suggestion|drafting proposal", "drafting-suggestions"),
    ("text(?:ual)? proposal|proposed (?:text|wording|language)|language proposal", "text-proposal"),
    ("draft (?:report|text|resolution)|marked-up text", "draft-text"),
    ("amendment", "amendments"),
    ("edits?", "edits"),
    ("proposal", "proposal"),
    ("opening statement", "opening-statement"),
    (r"statement|speech(?:es)?|intervention|(?:closing|opening|introductory|concluding) remark", "statement"),
    (r"rights? of reply|explanation of (?:vote|position)", "statement"),
    ("briefing", "briefing"),
    ("commentar(?:y|ie)", "commentary"),
    ("comment|observation", "comments"),
    ("remark", "remarks"),
    ("feedback", "feedback"),
    ("views?", "views"),
    ("submission", "submission"),
    ("joint contribution", "joint-contribution"),
    ("note verbale", "note-verbale"),
    ("letter", "letter"),
    ("report", "third-party-report"),
    ("paper", "paper"),
    ("contribution|input", "contribution"),
)  # fmt: skip
DOCUMENTS: Lexicon = (
    ("note verbale", "note-verbale"),
    ("chairs?(?:'?s?|person's|man's)? (?:[\\w-]+ ){0,4}letter|letters? (?:of|from|by) the chair", "chairs-letter"),
    ("cover(?:ing)? note (?:of|by|from) the chair", "chairs-letter"),
    ("letter|cover(?:ing)? note", "letter"),
    ("note by the secretariat|secretariat(?:'s)? note", "secretariat-note"),
    ("organi[sz]ational note|organi[sz]ation of work", "organizational-note"),
    ("program(?:me)?(?: of work)?|pow|timetable", "programme-of-work"),
    ("agenda", "agenda"),
    ("list of speakers|speakers'? list", "list-of-speakers"),
    ("calendar", "calendar"),
    ("risk assessment", "risk-assessment"),
    ("(?:guiding|framing) questions|questions from the chair|chair's questions", "framing-questions"),
    ("background (?:paper|note)", "background-paper"),
    ("chair's working paper|working paper (?:of|by) the chair", "chairs-working-paper"),
    ("non-?paper", "non-paper"),
    ("compendium", "compendium"),
    ("fact ?sheet", "fact-sheet"),
    ("draft resolution", "draft-resolution"),
    ("resolution", "resolution"),
    ("(?:draft |tentative )*(?:structure|outline|skeleton) (?:of|for) (?:the|a) (?:[\\w-]+ )?report|draft structure", "draft-structure"),
    ("chair'?s'? summary|summary (?:by|of) the chair", "chairs-summary"),
    ("procedural report", "procedural-report"),
    ("(?:pre|zero|first|second|third|final|revised|initial|1st|2nd|3rd)[ -]+(?:pre-?)?draft|pre-?draft", "draft-report"),
    ("draft (?:[\\w-]+ ){0,4}report|draft text", "draft-report"),
    ("[\\w-]+ (?:text|draft)s?(?=$|\\W*$|\\s*[,:(]|\\s+(?:of|for|on)\\b)", "draft-report"),
    ("final report", "final-report"),
    ("progress report", "progress-report"),
    ("summary report|summary", "summary-report"),
    ("outcome report", "outcome-report"),
    ("report", "report"),
    ("proposal", "proposal-document"),
)  # fmt: skip
EVENTS: Lexicon = (
    ("side[ -]event", "side-event"),
    ("organi[sz]ational (?:session|meeting)", "organizational-session"),
    ("substanti(?:ve|al) (?:[\\w-]+ )?session", "substantive-session"),
    ("stakeholder segment", "stakeholder-segment"),
    ("inter-?sessional", "intersessional-meeting"),
    ("regional consultation", "regional-consultation"),
    ("(?:exchange|dialogue|meeting|consultation|hearing|session)s?[^.]*(?:stakeholder|industry|civil society|non-governmental)",
     "multi-stakeholder-meeting"),
    ("multi-?stakeholder[^.]*(?:meeting|dialogue|consultation|exchange)", "multi-stakeholder-meeting"),
    ("rounds? of informal (?:virtual )?(?:meeting|consultation)|informal (?:virtual )?meeting", "informal-round"),
    ("informal (?:[\\w-]+ )*consultation", "informal-consultation"),
    ("panel", "panel"),
    ("round ?table", "roundtable"),
    ("sessions?|meetings?", ""),
)  # fmt: skip
PREPOSITION = re.compile(r"\s(?:on|about|of|to|for|from|by|in|during|with|regarding|concerning)\s")
# What the name of a text alone suggests: a person confirms that it is a draft of the report.
SUGGESTED = re.compile(
    r"^(?!.*\b(?:pre-?)?draft\b)(?:[\w-]+ )*(?:text|outline|skeleton|structure|elements)\b", re.IGNORECASE
)
OTHER_DRAFT = re.compile(r"\b(?:draft|text) (?:of|for) (?:the|an?) (?!.*\breport\b)", re.IGNORECASE)
FULL = {"english": "en", "french": "fr", "spanish": "es", "russian": "ru", "arabic": "ar", "chinese": "zh",
        "français": "fr", "español": "es", "русский": "ru", "العربية": "ar", "中文": "zh", "en": "en", "fr": "fr",
        "es": "es", "sp": "es", "ru": "ru", "ar": "ar", "zh": "zh", "ch": "zh", "eng": "en", "fre": "fr", "spa": "es",
        "rus": "ru", "ara": "ar", "chi": "zh", "a": "ar", "c": "zh", "e": "en", "f": "fr", "r": "ru", "s": "es"}  # fmt: skip
OTHERS = {"dutch", "german", "portuguese", "italian", "japanese", "korean", "turkish", "persian", "farsi", "ukrainian", "polish",
          "czech", "greek", "hebrew", "hindi", "nl", "de", "pt", "it", "ja", "ko", "tr", "fa", "uk", "pl", "hi", "vi", "id"}  # fmt: skip
FILLERS = frozenset("only and or in available version versions original translation unofficial".split())  # noqa: SIM905
SIX = re.compile(r"(?:in|available in)?\s*(?:all |the )*(?:six|all)(?: official| UN)* languages", re.IGNORECASE)


def found(lexicon: Lexicon, text: str) -> str | None:
    """Find the kind that a phrase names: in its head, before the first preposition, else anywhere; None where it names none.

    Kinds whose own words hold a preposition (`programme of work`) come first, where they begin in the head.
    """
    plain = text.replace("’", "'").casefold()
    preposition = PREPOSITION.search(f" {plain}")
    end = preposition.start() if preposition else len(plain)
    matches = [(at, kind) for words, kind in lexicon if (at := _search(words, plain))]
    across = [kind for at, kind in matches if at.start() < end < at.end()]
    inside = [kind for words, kind in lexicon if _search(words, plain[:end])]
    return next(iter([*across, *inside, *(kind for _, kind in matches)]), None)


def _search(words: str, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<![\w-])(?:{words})s?(?![\w-])", text)


def contribution(text: str) -> str | None:
    """Find the kind of a contribution that a label names."""
    return found(CONTRIBUTIONS, text)


def document(text: str) -> str | None:
    """Find the kind of a document that a title names."""
    return found(DOCUMENTS, text)


def event(text: str) -> str | None:
    """Find the kind of an event that a heading names; empty where it names an event of no kind."""
    plain = text.replace("’", "'").casefold()
    for words, kind in EVENTS:
        if _search(words, plain):
            return kind
    return None


def languages(text: str) -> tuple[list[str], bool] | None:
    """Read a text that names languages and nothing else: those of the scheme, and whether it names any other; else None."""
    if SIX.fullmatch(text.strip(" ()[].")):
        return [], False
    words = re.findall(r"[^\W\d_]+", text)
    plain = [word for word in words if word.casefold() not in FILLERS]
    if not plain or not all(_code(word) or word.casefold() in OTHERS for word in plain):
        return None
    known = list(dict.fromkeys(code for word in plain if (code := _code(word))))
    return known, any(not _code(word) for word in plain)


def _code(word: str) -> str | None:
    """Find the language of a word; short forms count only with a capital, since `a` and `es` are words too."""
    return FULL.get(word.casefold()) if len(word) > 3 or word[0].isupper() or not word.isascii() else None


def trailing(text: str) -> tuple[str, list[str], bool]:
    """Take the languages off the end of a label: `amendments EN RU` into `amendments`, its languages, and whether others stand there."""
    words = text.split()
    at = len(words)
    while at and _is_code(words[at - 1].strip(",;/()&")):
        at -= 1
    read = languages(" ".join(words[at:])) if at < len(words) else None
    if read is None or not at:
        return text, [], False
    return re.sub(r"\s+in$", "", " ".join(words[:at])).rstrip(" ,;-–"), *read


def _is_code(word: str) -> bool:
    return bool(word) and (
        (len(word) > 1 and word.isupper() and (word.casefold() in FULL or word.casefold() in OTHERS))
        or (len(word) > 3 and word.casefold() in FULL)
        or word in ("only", "and", "")
    )
