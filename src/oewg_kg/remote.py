"""A SPARQL endpoint of somebody else: send a query by the SPARQL 1.1 Protocol and hand the answer on.

Not for the graph here.
"""

import http.client
import urllib.error
import urllib.request

from oewg_kg.errors import LimitError, ParseError, StorageError, UsageError
from oewg_kg.formats import FORMATS, Format
from oewg_kg.vocabulary import PREFIXES

SECONDS = 60


def query(endpoint: str, text: str, chosen: Format | None) -> bytes:
    """POST a query directly (SPARQL 1.1 Protocol 2.1.3); our prefixes are put before it where it declares none of them.

    Raises UsageError for a URL that is none, ParseError when the endpoint refuses the query,
    LimitError for a time-out, StorageError when it cannot be reached.
    """
    if not endpoint.startswith(("http://", "https://")):
        raise UsageError(f"no endpoint: {endpoint!r}", advice="give an http or https URL")
    accepted = (
        chosen.media_type
        if chosen
        else ", ".join(["text/csv", "text/turtle;q=0.9", *(f"{f.media_type};q=0.5" for f in FORMATS)])
    )
    # Declarations that the query repeats are lawful (SPARQL 1.1, 4.1.1) and win, being later.
    declared = "".join(f"PREFIX {prefix}: <{namespace}> " for prefix, namespace in PREFIXES.items())
    headers = {"Content-Type": "application/sparql-query; charset=utf-8", "Accept": accepted, "User-Agent": "oewg-kg"}
    request = urllib.request.Request(endpoint, (declared + text).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        says = error.read(400).decode("utf-8", "replace")
        raise (ParseError if error.code == 400 else StorageError)(
            f"the endpoint answers {error.code}: {says}", endpoint
        ) from error
    except TimeoutError as error:
        raise LimitError(f"no answer within {SECONDS} s", endpoint, "ask for less at once") from error
    except (http.client.InvalidURL, ValueError) as error:
        raise UsageError(f"no endpoint: {endpoint!r}", advice="give an http or https URL") from error
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise StorageError(
            f"the endpoint cannot be reached: {getattr(error, 'reason', error)}", endpoint, "check the URL"
        ) from error
