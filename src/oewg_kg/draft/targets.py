"""Find the texts that words of a page name: by title, quoted part, initials or short form (ZD); and what a label or heading is about."""

import re
from dataclasses import dataclass, field

from oewg_kg import terms
from oewg_kg.draft import patterns

ORDINALS = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth"}


@dataclass
class Texts:
    """Names of the texts of a page, folded, each with its line; and their short forms in capitals."""

    titles: dict[str, str] = field(default_factory=dict)
    initials: dict[str, str] = field(default_factory=dict)
    quoted: dict[str, str] = field(default_factory=dict)

    def add(self, line: str, label: str) -> None:
        """Register a text by its title, by the words before `of the`, by a name in quotation marks and by its initials."""
        self.titles.setdefault(_folded(label), line)
        brief = patterns.SHORT.split(label, maxsplit=1)[0].strip()
        if len(brief.split()) > 1:
            self.titles.setdefault(_folded(brief), line)
        for quoted in re.findall(r"[“\"]([^”\"]{3,})[”\"]", label):
            self.quoted.setdefault(_folded(quoted), line)
        if len(brief.split()) > 1 and all(word[:1].isupper() for word in brief.split()):
            self.initials.setdefault("".join(word[0] for word in brief.split()), line)

    def guessed(self, text: str) -> bool:
        """Return whether some words name a text by a part of its title in quotation marks only."""
        return any(f" {part} " in f" {_folded(text)} " and part not in self.titles for part in self.quoted)

    def declare(self, text: str) -> None:
        """Register the short forms that a heading gives in brackets after a text: `the Zero Draft (ZD)`."""
        for short_form in re.finditer(r"\(\s*(?:the )?[“\"]?([A-Z][A-Z0-9-]{1,5})[”\"]?\s*\)", text):
            named_lines = self.find(text[: short_form.start()])
            if named_lines:
                self.initials[short_form[1]] = named_lines[-1]

    def find(self, text: str, except_line: str = "") -> list[str]:
        """Find the texts that some words name, in their order: long names before short ones, each stretch once; not that of a line."""
        folded, named_at = f" {_folded(text)} ", []
        titles = {title: line for title, line in (self.quoted | self.titles).items() if line != except_line}
        for title in sorted(titles, key=lambda title: (-len(title), title)):
            position = folded.find(f" {title} ")
            if position >= 0:
                named_at.append((position, titles[title]))
                folded = folded[: position + 1] + "#" * len(title) + folded[position + 1 + len(title) :]
        for match in re.finditer(r"\b[A-Z][A-Z0-9]{1,5}\b", text):
            if match[0] in self.initials:
                named_at.append((match.start(), self.initials[match[0]]))
        return list(dict.fromkeys(line for _, line in sorted(named_at)))

    def covered(self, heading: str) -> list[str]:
        """Find what a heading says its list is about: texts of the page (`the Zero and First Draft` too), else the words for one."""
        named_lines = self.find(heading)
        words = set(_folded(heading).split())
        short_titles = (title for title in self.titles if len(title.split()) == 2)
        combined = dict.fromkeys(self.titles[title] for title in short_titles if set(title.split()) <= words)
        if len(combined) > max(1, len(named_lines)):
            return list(combined)
        if named_lines:
            return named_lines
        other_text = patterns.NAMED.search(heading)
        return [other_text[1]] if other_text else []

    def belongs(self, title: str) -> str:
        """Find the text that a revision, corrigendum, addendum or covering letter belongs to."""
        if cover := patterns.COVERING.search(title):
            return "|".join(self.find(title[cover.end() :]))
        base = patterns.REVISION.sub("", title)
        base = patterns.REVISED.sub("", title) if base == title else base
        return self.titles.get(_folded(base), "") if base and base != title else ""


def _folded(text: str) -> str:
    return " ".join(ORDINALS.get(word, word) for word in terms.folded(text).split())
