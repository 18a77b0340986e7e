"""The command `site`: write the website as static files."""

import re
from pathlib import Path

from oewg_kg import build
from oewg_kg.cli.common import opened, tell
from oewg_kg.cli.output import put
from oewg_kg.errors import UsageError


def command(root: str | None, folder: str, url: str, pages: Path | None) -> None:
    """Write the website as static files, for GitHub Pages or the like."""
    from oewg_kg.serve.static_site import freeze as site

    if url and not re.fullmatch(r"https?://[^\s?#<>&\"]+", url):
        raise UsageError(f"{url!r} is not a valid URL for a site", advice="write it as https://example.org/path/")
    data_root, dataset = opened(root, often=True, pages=pages)
    site.refuse(Path(folder))
    content = site.freeze(data_root, dataset, build.fingerprint(data_root), tell, f"{url.rstrip('/')}/" if url else "")
    tell("writing")
    site.write(Path(folder), content)
    size = sum(map(len, content.values()))
    put(f"{len(content)} files, {size} bytes in {folder}\n")
