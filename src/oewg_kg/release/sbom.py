"""Write a software bill of materials (CycloneDX) from `constraints.txt`."""

import json
import re

from oewg_kg.version import __version__

PINNED = re.compile(r"^([\w.-]+)==([\w.+!-]+)((?: *\\?\n +--hash=sha256:[0-9a-f]{64}| ;[^\\\n]*)*)", re.MULTILINE)


def write(constraints: str) -> bytes:
    """Write the packages that a file of constraints pins."""
    components = [
        {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
        | {"hashes": [{"alg": "SHA-256", "content": one} for one in re.findall("sha256:([0-9a-f]+)", hashes)]}
        for name, version, hashes in PINNED.findall(constraints)
    ]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "oewg-kg", "version": __version__}},
        "components": components,
    }
    return (json.dumps(document, indent=1) + "\n").encode()
