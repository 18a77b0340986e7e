"""The command `link`: find identifiers in other datasets, as candidates for a person to confirm."""

from pathlib import Path

from oewg_kg import paths, terms
from oewg_kg.cli.boundary import say
from oewg_kg.cli.common import opened, progress
from oewg_kg.cli.output import put
from oewg_kg.cli.reconcile import class_iri


def command(
    root: str | None,
    class_name: str,
    services: tuple[str, ...],
    pause: float,
    again: bool,
    signed: Path | None,
    output: str | None,
) -> None:
    """Find identifiers in other datasets, for you to confirm."""
    from oewg_kg.reconcile import linking

    if signed:
        added = linking.accept(paths.find(root), signed)
        for name, count in added.items():
            say(f"{name}: {count} row{'' if count == 1 else 's'} added")
        say("now remove outdated entries from data/reference/unmapped.ttl" if added else "no new row has a reviewer")
        return
    from oewg_kg.remote.reconciliation import Service

    data_root, dataset = opened(root)
    kind, known = class_iri(dataset, class_name), linking.pairs(data_root)
    rows: list[list[str]] = []
    for one in services:
        service = Service(one, data_root.home / "link", pause, again, say)
        things = linking.unlinked(dataset, kind, str(service.host))
        shown = progress(service.name)
        for done, (iri, names) in enumerate(things.items()):
            shown(done, len(things))
            rows += linking.rows(dataset, service, iri, names, known)
        found = {row[0] for row in rows if row[8] == f"web:{service.host}/"}
        say(f"{service.name}: {len(things)} names sent, {len(found)} with candidates")
    columns = [*linking.COLUMNS, linking.REVIEWER]
    put(linking.table("candidates", f"Candidates for {terms.compact(kind)}", rows, columns, {}), output)
