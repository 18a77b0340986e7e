"""Query external reconciliation services (Reconciliation Service API 0.2): one name at a time, with pauses, and save each answer."""

import email.utils
import hashlib
import json
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oewg_kg import files
from oewg_kg.errors import StorageError
from oewg_kg.remote.client import BadAnswerError, Endpoint

# Documented at wikidata.reconci.link and in the README of github.com/ror-community/ror-reconciler.
SERVICES = {"wikidata": "https://wikidata.reconci.link/en/api", "ror": "https://reconcile.ror.org/reconcile"}
TIME_LIMIT, SIZE_LIMIT, TRIES, LONGEST_WAIT = 60, 4 << 20, 5, 120
MOVED, LATER = (301, 302, 307, 308), (429, 502, 503, 504)
SAVED = "run the command again later (the answers so far are saved)"
HEADERS = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Candidate:
    """What a service proposes for a name: its IRI and name, the description, the score, and whether it is called a match."""

    iri: str
    name: str
    description: str
    score: float
    match: bool


class ReconciliationService:
    """A service, given by its name here or its URL."""

    def __init__(self, name: str, folder: Path, pause: float, refresh: bool, tell: Callable[[str], None]) -> None:
        """Ask the service to describe itself; it saves answers in a folder; `refresh` asks again. Raises UsageError, StorageError."""
        self.url = SERVICES.get(name.casefold(), name)
        self.endpoint = Endpoint(self.url, TIME_LIMIT, SIZE_LIMIT)
        self.folder, self.pause, self.refresh, self.tell = folder, pause, refresh, tell
        with self._json_answer("") as manifest:
            self.name = str(manifest.get("name", self.url))
            self.identifier_space = str(manifest.get("identifierSpace", ""))
            types = [item.get("id") for item in manifest.get("defaultTypes") or [] if isinstance(item, dict)]
            # ROR's service answers no query without a type; if there are several types, none is preferred.
            self.type = {"type": types[0]} if len(types) == 1 else {}
            self.host = urllib.parse.urlsplit(self.identifier_space).hostname or ""
            if not self.host:
                what = "the service does not say which identifiers it uses"
                raise BadAnswerError(what, self.url, "use another service")

    def candidates(self, name: str) -> list[Candidate]:
        """Ask for a name; return what the service proposes, in its order. Raises StorageError."""
        query = {"queries": json.dumps({"q0": {"query": name, "limit": 5, **self.type}})}
        with self._json_answer(urllib.parse.urlencode(query)) as answer:
            try:
                return [self._candidate(item) for item in answer["q0"]["result"]]
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                message = str(answer.get("message") or f"it returned {json.dumps(answer)[:100]}")
                raise BadAnswerError("the service returned no valid candidates", self.url, message) from error

    def _candidate(self, item: dict[str, Any]) -> Candidate:
        identifier, match = str(item["id"]), item.get("match")
        iri = identifier if identifier.startswith(("http://", "https://")) else self.identifier_space + identifier
        description = " ".join(str(item.get("description") or "").split())
        # Each service has its own scale; ROR's writes booleans as text.
        return Candidate(iri, str(item["name"]), description, float(item.get("score") or 0), match in (True, "true"))

    @contextmanager
    def _json_answer(self, form: str) -> Iterator[dict[str, Any]]:
        """Get the answer to a form, or the description of the service without one; save it once it has been read without an error."""
        file = self.folder / f"{hashlib.sha256(f'{self.url} {form}'.encode()).hexdigest()}.json"
        fresh = self.refresh or not file.exists()
        content = self._post(form) if fresh else file.read_bytes()
        try:
            answer = dict(json.loads(content))
        except (TypeError, ValueError) as error:
            advice = "check that this is the address of a reconciliation service"
            raise BadAnswerError("the answer is not a JSON object", self.url, advice) from error
        yield answer
        if fresh:
            files.replace(file, content)

    def _post(self, form: str) -> bytes:
        """Ask, after a pause; follow the service if it has moved, and wait as long as it requests."""
        wait = self.pause
        for attempt in range(TRIES):
            time.sleep(wait)
            try:
                return self.endpoint.post(form.encode() or None, HEADERS)
            except StorageError as error:
                status = self.endpoint.status
                if status in MOVED:
                    self._move(str(self.endpoint.headers.get("Location", "")))
                elif status in LATER:
                    wait = self._requested_pause(self.pause * 2 ** (attempt + 1))
                    self.tell(f"{self.endpoint.host} returned status {status}; waiting {wait:g} s")
                elif status:
                    what = f"the service returned status {status}"
                    raise BadAnswerError(what, self.endpoint.url, "try again later") from error
                else:
                    raise
        what = f"the service still returns status {self.endpoint.status} after {TRIES} attempts"
        raise StorageError(what, self.endpoint.url, SAVED)

    def _move(self, location: str) -> None:
        """Ask at another address from now on, but never go from https to http."""
        url = urllib.parse.urljoin(self.endpoint.url, location)
        if not location or (self.endpoint.url.startswith("https:") and not url.startswith("https:")):
            raise BadAnswerError(f"the service redirects to {location!r}", self.endpoint.url, "use the new address")
        former_url, self.endpoint = self.endpoint.url, Endpoint(url, TIME_LIMIT, SIZE_LIMIT)
        self.tell(f"{former_url} has moved to {url}")

    def _requested_pause(self, usual: float) -> float:
        """Read the pause that the service requests, in seconds; raises StorageError if it is very long."""
        delay, wait = str(self.endpoint.headers.get("Retry-After", "")), usual
        if delay.isdigit():
            wait = float(delay)
        elif date := email.utils.parsedate_tz(delay):
            wait = email.utils.mktime_tz(date) - time.time()
        if wait > LONGEST_WAIT:
            raise StorageError(f"the service asks us to wait {wait:.0f} s", self.endpoint.url, SAVED)
        return max(wait, self.pause)
