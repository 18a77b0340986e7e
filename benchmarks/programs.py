"""Where the programs of other people are that the benchmarks run, and what to install where one is missing.

Not for running them.
"""

import os
import shutil
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
DEBIAN_JARS = Path("/usr/share/java")
JENA_NEEDS = """
jena-arq jena-base jena-cmds jena-core jena-iri jena-shacl jena-shex jena-tdb jena-tdb2 jena-rdfconnection
jena-dboe-base jena-dboe-storage jena-dboe-index jena-dboe-trans-data jena-dboe-transaction
commons-cli commons-codec commons-compress commons-csv commons-io commons-lang3 dexx.collection gson guava httpclient httpcore
jackson-core jackson-databind jackson-annotations jsonld-java jakarta.json-api titanium-json-ld protobuf thrift slf4j-api slf4j-nop
"""
# Command -> where it comes from. A variable of the environment with the same name, in capitals, names another place.
SOURCES = {
    "oxigraph": "pip install oxigraph",
    "java": "apt install default-jdk-headless",
    "sparqlquery": "pip install rdflib",
    "comunica-sparql-file": "npm install @comunica/query-sparql-file; it asks for Node 22",
    "roqet": "apt install rasqal-utils",
    "node": "apt install nodejs npm",
    "virtuoso-t": "apt install virtuoso-opensource-7-bin",
    "isql-vt": "apt install virtuoso-opensource-7-bin",
    "rdflib-endpoint": 'pip install "rdflib-endpoint[cli]"',
    "wrk": "apt install wrk",
}


class Missing(Exception):
    """A program or library that is not installed; its text says how to install it."""


def found(name: str) -> str:
    """Find a program by an environment variable, on the PATH, or beside this Python; raises Missing."""
    beside = Path(sys.executable).with_name(name)
    variable = name.upper().replace("-", "_")
    place = os.environ.get(variable) or shutil.which(name) or (str(beside) if beside.exists() else None)
    if not place:
        raise Missing(f"no {name} ({SOURCES[name]})")
    return place


def jena_classes(folder: Path) -> str:
    """Write the class path of Jena: `JENA_CLASSPATH`, or Debian's package, mended in a folder; raises Missing.

    Debian's Jena 4.5.0-2 looks for its message files under another name than that under which it holds them, and stops
    at once; they are unpacked where it looks.
    """
    if "JENA_CLASSPATH" in os.environ:
        return os.environ["JENA_CLASSPATH"]
    jars = [DEBIAN_JARS / f"{name}.jar" for name in JENA_NEEDS.split()]
    if not (DEBIAN_JARS / "jena-arq.jar").exists():
        raise Missing("no Jena (apt install libapache-jena-java default-jdk-headless)")
    mended, held = folder / "jena", "org/apache/jena/ext/"
    with zipfile.ZipFile(DEBIAN_JARS / "jena-core.jar") as core:
        for name in core.namelist():
            if name.startswith(held) and name.endswith(".properties"):
                place = mended / name.removeprefix(held)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(core.read(name))
    return os.pathsep.join(map(str, [mended, *(jar for jar in jars if jar.exists())]))


def comunica() -> Path:
    """Find the folder in which Comunica is installed: `COMUNICA_HOME`, or this one; raises Missing."""
    folder = Path(os.environ.get("COMUNICA_HOME") or HERE)
    if not (folder / "node_modules" / "@comunica" / "query-sparql-rdfjs").is_dir():
        raise Missing("no Comunica (npm ci --prefix benchmarks)")
    return folder
