"""Content negotiation: choose the format that a client prefers (RFC 9110, 12.5.1)."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request

from oewg_kg import formats

HTML = "text/html"
FORMAT_NAMES = tomllib.loads(Path(__file__).with_name("format_names.toml").read_text(encoding="utf-8"))
GRAPH_NAMES: dict[str, list[str]] = FORMAT_NAMES["graphs"]
RESULT_NAMES: dict[str, list[str]] = FORMAT_NAMES["results"]
AUTOMATIC = {"", "auto", "html", HTML}


def accept_of(request: Request) -> str | None:
    """Join the Accept headers of a request (RFC 9110, 5.3); None if there are none."""
    return ", ".join(request.headers.getlist("accept")) or None


def media_ranges(header: str | None) -> list[tuple[str, float]]:
    """Read an Accept header as media ranges with their q values; a missing header accepts everything."""
    ranges = []
    for field in (header or "*/*").split(","):
        media_range, *parameters = (text.strip().lower() for text in field.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = min(float(value), 1.0) if re.fullmatch(r" *[0-9]{0,3}\.?[0-9]{1,9} *", value) else 0.0
        if "/" in media_range:
            ranges.append((media_range, quality))
    return ranges or [("*/*", 1.0)]


def quality_of(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Find the q value of a media type: the most specific range that matches decides."""
    type_range = media_type.partition("/")[0] + "/*"
    for candidate_range in (media_type, type_range, "*/*"):
        qualities = [quality for media_range, quality in ranges if media_range == candidate_range]
        if qualities:
            return max(qualities)
    return 0.0


@lru_cache(maxsize=512)
def best(offers: tuple[tuple[str, str], ...], header: str | None) -> str | None:
    """Choose among (name, media type) offers, the first among equals; None if none is acceptable."""
    ranges = media_ranges(header)
    qualities = [(quality_of(media_type, ranges), format_name) for format_name, media_type in offers]
    highest = max(quality for quality, _ in qualities)
    return next(format_name for quality, format_name in qualities if quality == highest) if highest > 0 else None


def etag_matches(etag: str, header: str | None) -> bool:
    """Return whether an If-None-Match header contains an ETag or `*` (RFC 9110, 13.1.2; weak comparison)."""
    return bool({etag, "*"} & {listed_etag.strip().removeprefix("W/") for listed_etag in (header or "").split(",")})


def offers(format_names: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """List formats as offers by media type, each followed by its alternative media types."""
    primary = [(format_name, formats.by_name(format_name).media_type) for format_name in format_names]
    pairs = [(format_name, alternative) for format_name in format_names for alternative in format_names[format_name]]
    return (*primary, *(offer for offer in pairs if "/" in offer[1]))


def format_called(text: str, format_names: Mapping[str, Sequence[str]]) -> str | None:
    """Find the format that a client names by name, extension, media type or alternative name, in any case."""
    word = text.partition(";")[0].strip().lower()
    for format_name, alternatives in format_names.items():
        format = formats.by_name(format_name)
        if word in (format_name, format.extension, format.media_type, *alternatives):
            return format_name
    return None


def takes_problems(request: Request) -> bool:
    """Return whether a client asks for errors as RFC 9457 JSON."""
    ranges = media_ranges(accept_of(request))
    return any(media_type == "application/problem+json" and quality > 0 for media_type, quality in ranges)
