"""The application in this process, asked without a socket."""

import warnings
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from oewg_kg.dataset import Dataset
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.paths import Root
from oewg_kg.serve.app import Application
from oewg_kg.serve.workers.limits import Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette asks for httpx2, which is no dependency of ours
    from starlette.testclient import TestClient

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "accept-encoding": "identity"}


def client_of(root: Root, dataset: Dataset, fingerprint: str = "x", **options: Any) -> TestClient:
    """Make a client of the application over a graph, with options of starlette's TestClient."""
    application = Application(root, dataset, fingerprint, Settings(workers=1))

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message: Message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        await application.answer(Request({**scope, "state": {"body": body}}))(scope, receive, send)

    return TestClient(asgi, **options)


def serve(kg: KnowledgeGraph) -> Iterator[TestClient]:
    """Serve a graph as long as the test that asks needs it."""
    yield client_of(kg.root, kg.dataset, "a fingerprint", headers=BROWSER)
