"""Add a page to a root (a folder with data): `data/sources.ttl` and an empty file of graphs; or create a new root from this one."""

import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import files, terms, texts
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.evidence import coverage
from oewg_kg.paths import Root
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES, add_block, declarations, declare

SETTINGS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
FIRST_LINES: dict[str, str] = SETTINGS["first-lines"]


def add(root: Root, dataset: Dataset, page: Path, name: str, title: str, more: Mapping[str, str | None]) -> list[Path]:
    """Declare a page in `data/sources.ttl`, with its lines and an empty file of graphs; returns the files. Raises UsageError."""
    facts = {"name": name, "title": title, **{option: text for option, text in more.items() if text}}
    for option, text in facts.items():
        pattern, advice = SETTINGS["options"][option]
        if not re.fullmatch(pattern, text) or (option == "retrieved" and not terms.is_date(text)):
            raise UsageError(f"--{option} {text!r} is not valid", advice=advice)
    iri, store, digest = PREFIXES["source"] + name, dataset.store, coverage.text_digest(page)
    if list(store.quads_for_pattern(ox.NamedNode(iri), None, None, None)):
        raise UsageError(f"there is already a page {name}", advice="choose another --name; `oewg info` lists the pages")
    known = [source for source, text in terms.pairs(store, OEWG + "digest") if text == digest]
    if known:
        raise UsageError(f"this text is already recorded as {terms.compact(known[0])}", str(page), "nothing was added")
    prefixes = [prefix for prefix, namespace in PREFIXES.items() if namespace.endswith("#L")]
    page_number = max((int(prefix[1:]) for prefix in prefixes if prefix[1:].isdecimal()), default=0) + 1
    prefix = f"p{page_number}"
    PREFIXES[prefix] = f"{iri}#L"
    lines = len(coverage.page_lines(page))
    unset = dict.fromkeys(SETTINGS["options"])
    block = texts.filled("draft/source.ttl.jinja", **unset | facts, number=page_number, lines=lines, digest=digest)
    first_lines = f"# What each line of page {page_number:03} (source:{name}) states: one named graph for each line.\n"
    first_lines += f"# To add a line: write one graph {prefix}:<line number>, in the order of the page, following data/README.md.\n"
    sources = root.folder / "data" / "sources.ttl"
    trig = sources.with_suffix("") / f"{name}.trig"
    file_texts = {
        trig: first_lines + declarations(prefix),
        trig.with_suffix(".lines.ttl"): coverage.line_records(iri, page, store),
        sources: add_block(sources.read_text(encoding="utf-8"), block),
    }
    _write_files(file_texts)
    return list(file_texts)


def _write_files(file_texts: Mapping[Path, str]) -> None:
    """Write files, the last of which makes the others count; if one cannot be written, remove those before it."""
    new_files = [path for path in file_texts if not path.exists()]
    try:
        for path, text in file_texts.items():
            files.replace(path, text.encode())
    except BaseException:
        for path in new_files:
            path.unlink(missing_ok=True)
        raise


def create(root: Root, folder: Path, title: str, base: str, creator: str, empty: bool) -> None:
    """Create a user's own root in a folder: ontology, shapes, questions, and our pages unless `empty`. Raises UsageError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("the folder is not empty", str(folder), "choose a new folder")
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`#?]+/", base) or terms.valid_iri(base) is None:
        raise UsageError(f"{base!r} is not a valid base IRI", advice="end it with /, as in https://example.org/laws/")
    if not empty and base != BASE:
        raise UsageError("--base cannot be used with facts from our pages", advice="add --empty, or leave out --base")

    def fill(new_folder: Path) -> None:
        for name in ("ontology", "shapes", "queries"):
            shutil.copytree(root.folder / name, new_folder / name)
        left_out = shutil.ignore_patterns(*SETTINGS["ours"]) if empty else None
        shutil.copytree(root.folder / "data", new_folder / "data", ignore=left_out)
        for name, first_line in FIRST_LINES.items() if empty else ():
            (new_folder / "data" / name).write_text(f"# {first_line}\n{declarations()}", encoding="utf-8")
        if empty or title:
            dataset_block = texts.filled("draft/dataset.ttl.jinja", title=title, base=base, creator=creator)
            (new_folder / "data" / "dataset.ttl").write_text(dataset_block, encoding="utf-8")

    declare(base, {name: namespace for name, namespace in PREFIXES.items() if namespace.endswith("#L") and not empty})
    files.replace_folder(folder, fill)
