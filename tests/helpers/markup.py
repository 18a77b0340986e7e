"""What the tests read of a page of the explorer: its tags, where it leads, and what is wrong with it.

All text is escaped and every attribute quoted, so that tags can be found by a pattern; where one cannot, it is a fault.
"""

import re
from functools import cached_property
from html import unescape
from itertools import pairwise

TAG = re.compile(r"<([a-z][a-z0-9]*)((?:\s+[a-zA-Z0-9:-]+(?:=\"[^\"<>]*\")?)*)\s*/?>")
ATTRIBUTE = re.compile(r"([a-zA-Z0-9:-]+)(?:=\"([^\"]*)\")?")
LEADS = ("href", "src", "action", "data-terms", "data-graph")
HEADINGS = ("h1", "h2", "h3", "h4")


class Page:
    """The tags of a page with their attributes, its anchors, and its links as pairs of attribute and address."""

    def __init__(self, text: str) -> None:
        self.unread = len(re.findall("<(?![/!])", text))
        self.tags = [
            (tag, {name: unescape(value) for name, value in ATTRIBUTE.findall(inside)} if inside else {})
            for tag, inside in TAG.findall(text)
        ]
        self.unread -= len(self.tags)
        self.anchors = [given["id"] for _, given in self.tags if "id" in given]
        self.links = [(name, given[name]) for _, given in self.tags for name in LEADS if name in given]

    @cached_property
    def faults(self) -> list[str]:
        """Say what no page may have: code in the markup, fields without a label, anchors twice, headings out of order."""
        found = ["a < that begins no tag"] * self.unread
        for tag, given in self.tags:
            found += [f"{name} on {tag}" for name in given if name.startswith("on") or name == "style"]
            is_data = given.get("type") == "application/ld+json"
            if tag == "style" or (tag == "script" and not given.get("src") and not is_data):
                found.append(f"inline {tag}")
            if tag == "th" and not given.get("scope"):
                found.append("th without scope")
        labelled = {given["for"] for tag, given in self.tags if tag == "label"}
        found += [f"the field {one} has no label" for one in self.fields if one not in labelled]
        if len(self.anchors) != len(set(self.anchors)):
            found.append("an anchor twice")
        levels = [int(tag[1]) for tag, _ in self.tags if tag in HEADINGS]
        if levels.count(1) != 1 or any(after > before + 1 for before, after in pairwise(levels)):
            found.append(f"headings out of order: {levels}")
        return found

    @property
    def fields(self) -> list[str]:
        """Name the fields that a reader fills in."""
        tags = ("input", "select", "textarea")
        return [given.get("id", "") for tag, given in self.tags if tag in tags and given.get("type") != "hidden"]
