"""Build hook: makes the snapshot and puts it into the wheel, so that an installed user never waits for it."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SnapshotHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before the files of a wheel are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the graph from the sources of this folder, and name its snapshot as a file of the wheel."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        from oewg_kg import build, paths

        root = paths.find(self.root)
        dataset, _ = build.build(root)
        build.write(dataset, build.fingerprint(root), root.snapshot)
        build_data["force_include"][str(root.snapshot)] = "oewg_kg/resources/snapshot.nq"
