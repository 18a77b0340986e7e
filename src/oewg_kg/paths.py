"""Find the root in a checkout or an installed wheel, list its files (ontology, data, shapes, queries, snapshot), and read one."""

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from oewg_kg.errors import ParseError, UsageError, from_os_error

PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Root:
    """One folder with `ontology/ data/ shapes/ queries/` and the place of its snapshot."""

    folder: Path
    snapshot: Path

    @property
    def queries(self) -> Path:
        """Return the folder of the saved queries."""
        return self.folder / "queries"

    @property
    def rules(self) -> Path:
        """Return the folder of the inference rules."""
        return self.folder / "queries" / "rules"

    @property
    def shapes(self) -> Path:
        """Return the folder of the SHACL shapes."""
        return self.folder / "shapes"

    @property
    def home(self) -> Path:
        """Return the folder for large derived files: the snapshot's folder in a checkout, else one in the user's data folder."""
        build = self.snapshot.parent
        if build.name == "build" and os.access(build if build.exists() else self.folder, os.W_OK):
            return build
        if sys.platform == "win32":
            user_data = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
        elif sys.platform == "darwin":
            user_data = Path.home() / "Library" / "Application Support"
        else:
            user_data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
        return user_data / "oewg-kg" / hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]

    def sources(self) -> list[Path]:
        """Return the RDF files that a build reads, sorted by their path; not the bridge to other vocabularies."""
        patterns = ("ontology/*.ttl", "data/**/*.ttl", "data/**/*.trig")
        sources = {path for pattern in patterns for path in self.folder.glob(pattern)} - {self.bridge}
        return sorted(sources, key=self.relative)

    @property
    def bridge(self) -> Path:
        """Return the file of axioms toward other vocabularies, which is published and never built in."""
        return self.folder / "ontology" / "bridge.ttl"

    def mappings(self) -> list[Path]:
        """Return the SSSOM tables that a build reads, sorted by name."""
        return sorted(self.folder.glob("data/links/*.sssom.tsv"))

    def relative(self, file: Path) -> str:
        """Name a file by its path inside the folder, with forward slashes."""
        return file.relative_to(self.folder).as_posix()


def read_text(path: Path, name: str) -> str:
    """Read a text in UTF-8, without a byte-order mark; raises ParseError and StorageError with the name."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError("the file is not UTF-8 text", name, "save it as UTF-8") from error
    except OSError as error:
        raise from_os_error(error, f"reading {name}") from error


def read_bytes(path: Path, name: str) -> bytes:
    """Read a file; raises StorageError with the name."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise from_os_error(error, f"reading {name}") from error


def code_of(*packages: str) -> list[Path]:
    """List the modules at the top and in some packages (`*` for all), and our own queries, tables and templates: for a fingerprint."""
    package_patterns = (f"{package}/**/*.{suffix}" for package in packages for suffix in ("py", "ttl.jinja"))
    patterns = ("*.py", *package_patterns, "texts/*.rq", "*/*.toml")
    return sorted({path for pattern in patterns for path in PACKAGE.glob(pattern)})


def find(folder: str | None = None) -> Root:
    """Find the root: `folder`, else OEWG_ROOT, else the checkout or the wheel; raises UsageError when it has no `ontology/oewg.ttl`."""
    root_name = folder or os.environ.get("OEWG_ROOT")
    if root_name:
        root_folder = Path(root_name).resolve()
        if not (root_folder / "ontology" / "oewg.ttl").is_file():
            what = "this folder has no ontology/oewg.ttl" if root_folder.is_dir() else "folder not found"
            raise UsageError(
                what, root_name, "give the folder of a copy of the repository, or of a dataset of your own"
            )
        return Root(root_folder, root_folder / "build" / "snapshot.nq")
    return ours()


def ours() -> Root:
    """Return our own root, in the checkout or the wheel, whichever root is open."""
    checkout = PACKAGE.parent.parent
    if (checkout / "ontology" / "oewg.ttl").is_file():
        return Root(checkout, checkout / "build" / "snapshot.nq")
    return Root(PACKAGE / "resources", PACKAGE / "resources" / "snapshot.nq")


@dataclass(frozen=True)
class Beside:
    """What is opened together with the graph: imported votes, and files; `keys` are the columns that name states, one or one each."""

    votes: bool = False
    files: tuple[Path, ...] = ()
    keys: tuple[str, ...] = ()
