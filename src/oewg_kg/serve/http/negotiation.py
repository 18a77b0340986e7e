"""Content negotiation: choose the format that a client prefers (RFC 9110, 12.5.1)."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request

from oewg_kg import formats

HTML = "text/html"
NAMES: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("format_names.toml").read_text(encoding="utf-8")
)
GRAPH_NAMES, RESULT_NAMES = NAMES["graphs"], NAMES["results"]
AUTOMATIC = {"", "auto", "html", HTML}


def accept_of(request: Request) -> str | None:
    """Join the Accept headers of a request (RFC 9110, 5.3); None if there are none."""
    return ", ".join(request.headers.getlist("accept")) or None


def accepted(header: str | None) -> list[tuple[str, float]]:
    """Read an Accept header as media ranges with their q values; a missing header accepts everything."""
    ranges = []
    for part in (header or "*/*").split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                weight = min(float(value), 1.0) if re.fullmatch(r" *[0-9]{0,3}\.?[0-9]{1,9} *", value) else 0.0
        if "/" in media:
            ranges.append((media, weight))
    return ranges or [("*/*", 1.0)]


def weight_of(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Find the q value of a media type: the most specific range that matches decides."""
    group = media_type.partition("/")[0] + "/*"
    for wanted in (media_type, group, "*/*"):
        found = [weight for media, weight in ranges if media == wanted]
        if found:
            return max(found)
    return 0.0


@lru_cache(maxsize=512)
def best(offers: tuple[tuple[str, str], ...], header: str | None) -> str | None:
    """Choose among (name, media type) offers, the first among equals; None if none is acceptable."""
    ranges = accepted(header)
    weights = [(weight_of(media_type, ranges), name) for name, media_type in offers]
    top = max(weight for weight, _ in weights)
    return next(name for weight, name in weights if weight == top) if top > 0 else None


def unchanged(tag: str, header: str | None) -> bool:
    """Return whether an If-None-Match header contains an ETag or `*` (RFC 9110, 13.1.2; weak comparison)."""
    return bool({tag, "*"} & {part.strip().removeprefix("W/") for part in (header or "").split(",")})


def offers(names: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """List formats as offers by media type, each followed by its alternative media types."""
    own = [(name, formats.by_name(name).media_type) for name in names]
    return (*own, *((name, other) for name, others in names.items() for other in others if "/" in other))


def called(text: str, names: Mapping[str, Sequence[str]]) -> str | None:
    """Find the format that a client names by name, extension, media type or alternative name, in any case."""
    word = text.partition(";")[0].strip().lower()
    for name, others in names.items():
        format = formats.by_name(name)
        if word in (name, format.extension, format.media_type, *others):
            return name
    return None


def takes_problems(request: Request) -> bool:
    """Return whether a client asks for errors as RFC 9457 JSON."""
    return any(media == "application/problem+json" and weight > 0 for media, weight in accepted(accept_of(request)))
