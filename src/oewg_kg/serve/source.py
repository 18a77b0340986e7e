"""What is served: the graph of a root, together with imported votes, files of a user's own, or what an endpoint elsewhere holds."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from oewg_kg import build, coverage, formats, paths
from oewg_kg.dataset import Dataset
from oewg_kg.remote import store as remote_store
from oewg_kg.serve import app
from oewg_kg.serve.app import Settings
from oewg_kg.votes import store as imports


@dataclass(frozen=True)
class Source:
    """Where the graph is found; `mark` tells files of a user's own from those of another start."""

    root: str | None = None
    data: tuple[str, ...] = ()
    beside: str | None = None
    endpoint: str | None = None
    mark: str = ""
    data_format: str | None = None
    pages: Path | None = None

    @classmethod
    def of(
        cls,
        root: str | None,
        data: tuple[Path, ...],
        beside: str | None,
        endpoint: str | None,
        data_format: str | None = None,
        pages: Path | None = None,
    ) -> "Source":
        """Name what is served."""
        return cls(
            root, tuple(map(str, data)), beside, endpoint, secrets.token_hex() if data else "", data_format, pages
        )

    @property
    def on_disk(self) -> bool:
        """Tell whether the graph stays in a store on disk, whose threads do not survive a fork."""
        return self.beside is not None

    def application(self, settings: Settings, tell: Callable[[str], None] = lambda step: None) -> ASGIApp:
        """Open the graph and make the application over it; raises OewgError."""
        place = paths.find(self.root)
        if self.endpoint:
            dataset = remote_store.opened(self.endpoint, settings.limits.elsewhere)
            store = remote_store.store_of(dataset)
            return app.create(place, dataset, store.mark if store else "", settings)
        if self.data:
            format = formats.by_name(self.data_format) if self.data_format else None
            return app.create(
                place, self._with_words(build.files_alone(map(Path, self.data), format)), self.mark, settings
            )
        if self.beside:
            folder = imports.joined(place, self.beside, tell)
            # The folder of such a store is named by what it was made of.
            dataset = self._with_words(imports.load(place, self.beside, tell))
            return app.create(place, dataset, folder.name, settings, folder)
        return app.create(place, self._with_words(build.load(place, tell)), build.fingerprint(place), settings)

    def _with_words(self, dataset: Dataset) -> Dataset:
        return coverage.with_words(dataset, self.pages) if self.pages else dataset
