"""The explorer in this process, asked as a browser asks."""

import warnings
from collections.abc import Iterator

from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.serve import app
from oewg_kg.serve.workers.limits import Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette asks for httpx2, which is no dependency of ours
    from starlette.testclient import TestClient

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "accept-encoding": "identity"}


def serve(kg: KnowledgeGraph) -> Iterator[TestClient]:
    """Serve a graph with one worker as long as the test that asks needs it."""
    application = app.create(kg.root, kg.dataset, "a fingerprint", Settings(workers=1))
    with TestClient(application, headers=BROWSER) as client:
        yield client
