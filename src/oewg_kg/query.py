"""Read saved questions and their headers, turn what people type into parameter values, and run a question or any SPARQL query."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import ParseError, UnknownNameError, UsageError, did_you_mean, from_syntax_error
from oewg_kg.paths import read_text
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES, RDF_TYPE

HEADER_LINE = re.compile(r"#\+ (\w+)(?: ([\w-]+))?: (.*)\Z")
PREFIX_DECLARATION = re.compile(r"^PREFIX (\S+): <([^>]+)>", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a saved query: its type (iri, date, string, integer), default as SPARQL writes it, its choices and its meaning.

    `iri` is the default of an iri, read with the prefixes of the query. An iri has classes, a scheme or `subclasses of` a class as its
    choices; so have iris: several, with commas, and one text of CURIEs in the query. A string may have words: `yes, no`.
    """

    name: str
    type: str
    default: str
    choices: str
    iri: str | None = None
    means: str = ""

    @property
    def variable(self) -> str:
        """Return the name of the SPARQL variable."""
        return self.name.replace("-", "_")

    @property
    def words(self) -> tuple[str, ...]:
        """List the words allowed for a string parameter; empty if any text is allowed."""
        return tuple(word.strip() for word in self.choices.split(",") if word) if self.type == "string" else ()

    @property
    def term(self) -> ox.NamedNode | ox.Literal:
        """Read the default as a term."""
        return ox.NamedNode(self.iri) if self.iri else terms.literal(self.default)


@dataclass(frozen=True)
class Reading:
    """Another way to count or, with `see`, another subject: its name, and the parameter values for it."""

    name: str
    values: dict[str, str]
    see: bool

    @property
    def phrase(self) -> str:
        """Write the name as the beginning of a sentence about its rows."""
        return f"{'See also' if self.see else 'If'} {self.name}"


@dataclass(frozen=True)
class SavedQuery:
    """A question: the file's name, its header, and its text."""

    name: str
    text: str
    summary: str
    definition: str
    readings: tuple[Reading, ...]
    parameters: tuple[Parameter, ...]
    tags: tuple[str, ...]
    words: tuple[str, ...] = ()

    @property
    def reaches(self) -> tuple[str, ...]:
        """List the external endpoints that the question queries."""
        if "service" not in self.text.casefold():
            return ()
        from oewg_kg.safety import query_guard

        return tuple(service.endpoint for service in query_guard.service_clauses(self.text))

    def values(self, bindings: Mapping[str, Term]) -> dict[str, Term]:
        """Return the value of each parameter, by its variable: the value given, else the default."""
        return {parameter.variable: bindings.get(parameter.variable, parameter.term) for parameter in self.parameters}

    def parameter(self, name: str) -> Parameter:
        """Find a parameter by name; raises UsageError with the available ones."""
        for parameter in self.parameters:
            if name in (parameter.name, parameter.variable):
                return parameter
        settings = ", ".join(setting.name for setting in self.parameters) or "none"
        raise UsageError(f"{self.name} has no setting {name!r}", advice=f"its settings: {settings}")


@dataclass(frozen=True)
class QueryResult:
    """The answer to a saved query: one row for each distinct answer, and for each row the lines that support it, in order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    citations: tuple[tuple[str, ...], ...]


def parse(name: str, text: str) -> SavedQuery:
    """Read a saved query with its `#+` header; raises ParseError when a part is missing or a default is not in the text."""
    header: dict[str, str] = {"readings": "", "see": "", "tags": "", "words": ""}
    parameters = []
    for number, line in enumerate(text.splitlines(), 1):
        header_line = HEADER_LINE.match(line)
        if header_line and header_line[1] == "param":
            location = f"queries/{name}.rq:{number}:1"
            parameters.append(_parameter(text, location, header_line[2] or "", header_line[3]))
        elif header_line:
            header[header_line[1]] = header_line[3].strip()
    for key in ("summary", "definition"):
        if not header.get(key):
            raise ParseError(f"the header has no {key}", f"queries/{name}.rq:1:1", f"write a line '#+ {key}: ...'")
    lines = {line.strip() for line in text.splitlines()}
    for parameter in parameters:
        values_line = f"VALUES ?{parameter.variable} {{ {parameter.default} }}"
        if values_line not in lines:
            missing = f"the query has no line '{values_line}'"
            advice = "add it, so that the query uses the default given in its header"
            raise ParseError(missing, f"queries/{name}.rq", advice)
    readings = tuple(
        _reading(phrase, key == "see") for key in ("readings", "see") for phrase in _listed(header[key], ";")
    )
    tags, words = _listed(header["tags"], ","), _listed(header["words"], ",")
    return SavedQuery(name, text, header["summary"], header["definition"], readings, tuple(parameters), tags, words)


def _listed(header_value: str, separator: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in header_value.split(separator) if item.strip())


def _parameter(query: str, location: str, name: str, line: str) -> Parameter:
    """Read `first: iri = document:x | choices: oewg:Draft | means: the first draft`."""
    line, _, means = line.partition("| means:")
    declaration, _, choices = (field.strip() for field in line.partition("| choices:"))
    type_name, equals, default = (field.strip() for field in declaration.partition("="))
    is_typed = type_name in ("date", "string", "integer") or (type_name in ("iri", "iris") and choices)
    if not name or not equals or not is_typed:
        what = "a parameter line has the form '#+ param NAME: TYPE = DEFAULT | choices: CLASS'"
        raise ParseError(what, location, "TYPE is iri or iris (with choices), date, string or integer")
    iri = terms.expand(default, dict(PREFIX_DECLARATION.findall(query))) if type_name == "iri" else None
    return Parameter(name, type_name, default, choices, iri, means.strip())


def _reading(text: str, see: bool) -> Reading:
    """Read `only comments count -> kind=kind:comments, first=...`."""
    name, _, settings = text.partition("->")
    assignments = (setting.partition("=") for setting in settings.split(",") if setting.strip())
    return Reading(name.strip(), {key.strip(): value.strip() for key, _, value in assignments}, see)


def _default_lines(parameter: Parameter) -> re.Pattern[str]:
    """Match the two places where a query gives the default of a parameter: its header, and the line of VALUES."""
    header = rf"#\+ param {parameter.name}: {parameter.type} = *"
    lines = rf"^({header}| *VALUES \?{parameter.variable} \{{ ){re.escape(parameter.default)}(?=$| \||  *$| \}} *$)"
    return re.compile(lines, re.MULTILINE)


def load(folder: Path) -> dict[str, SavedQuery]:
    """Read all saved queries of a folder, by name."""
    return {path.stem: parse(path.stem, _text(path)) for path in sorted(folder.glob("*.rq"))}


def find(folder: Path, name: str, reaching: bool = False) -> SavedQuery:
    """Read one saved query, with `reaching` also one that needs the network; raises UsageError with the nearest names."""
    files = {path.stem: path for path in [*folder.glob("*.rq"), *(folder.glob("federated/*.rq") if reaching else ())]}
    if name in files:
        return parse(name, _text(files[name]))
    advice = did_you_mean(terms.nearest(name, sorted(files)), "see `oewg questions` for all of them")
    raise UnknownNameError(f"there is no question {name!r}", advice=advice)


def _text(path: Path) -> str:
    return read_text(path, f"queries/{path.name}")


def bind(dataset: Dataset, saved: SavedQuery, values: dict[str, str]) -> dict[str, Term]:
    """Turn texts into terms for parameters: IRI, CURIE or label; date, number or string; raises UsageError with suggestions."""
    settings = {name: saved.parameter(name) for name in values}
    bindings = {setting.variable: _term(dataset, saved, setting, values[name]) for name, setting in settings.items()}
    terms.check_period({variable: terms.text_of(term) for variable, term in saved.values(bindings).items()})
    return bindings


def _term(dataset: Dataset, saved: SavedQuery, parameter: Parameter, text: str) -> Term:
    if parameter.type == "iris":
        curies = text.replace(",", " ").split()
        choices = curies if all(map(terms.expand, curies)) else text.split(",")
        iris = [find_choice(dataset, parameter, text.strip(), saved.readings) for text in choices if text.strip()]
        return ox.Literal(" ".join(dict.fromkeys(terms.compact(iri.value) for iri in iris)))
    if parameter.type != "iri":
        return terms.read_literal(text, parameter.name, parameter.type, parameter.words)
    return find_choice(dataset, parameter, text, saved.readings)


def find_choice(dataset: Dataset, parameter: Parameter, text: str, readings: Sequence[Reading] = ()) -> ox.NamedNode:
    """Find what a text names among the choices of a parameter: IRI, CURIE, label or the end of a short name; raises UsageError."""
    if len(text) > 500:
        raise UsageError(f'the value of "{parameter.name}" is too long', text[:60], "use a name or an IRI")
    names = choices(dataset.store, parameter)
    iri = terms.current(dataset.store, terms.expand(text))
    if iri in names:
        return ox.NamedNode(iri)
    label = terms.folded(text)
    matches = sorted(choice for choice, labels in names.items() if label and label in map(terms.folded, labels))
    if not matches:  # the name of a reading is a label too
        values = (reading.values.get(parameter.name) for reading in readings if terms.folded(reading.name) == label)
        matches = [terms.expand(value) or "" for value in values if value is not None]
    if not matches and label:
        matches = sorted(choice for choice in names if choice.endswith((f"/{text.strip()}", f"-{text.strip()}")))
    if len(matches) == 1:
        return ox.NamedNode(matches[0])
    if matches:
        raise UsageError(f"{text!r} is ambiguous", advice="choose one of " + ", ".join(map(terms.compact, matches)))
    what = f'{text!r} is not a valid value for "{parameter.name}"'
    entities = [iri] if iri and terms.label(dataset.store, iri) else terms.entities_called(dataset.store, text)
    if entities:
        entity = terms.label_and_curie(entities[0], terms.name(dataset.store, entities[0]))
        raise UsageError(f"{what}: it is recorded as another kind of entity, {entity}", advice="choose another value")
    raise UsageError(what, advice=terms.suggestion(text, names, parameter.iri or ""))


def choices(store: ox.Store, parameter: Parameter) -> dict[str, list[str]]:
    """List the choices of a parameter, as IRI -> names: a class's members, a scheme's concepts, or `subclasses of` a class."""
    if "," in parameter.choices:
        classes = parameter.choices.split(",")
        members_by_class = (choices(store, replace(parameter, choices=curie.strip())) for curie in classes)
        return {iri: names for members in members_by_class for iri, names in members.items()}
    with_subclasses = parameter.choices.startswith("subclasses of ")
    iri = terms.expand(parameter.choices.removeprefix("subclasses of "))
    if iri is None:
        advice = "end its header line with '| choices: CLASS'"
        raise ParseError(f"no choices for parameter {parameter.name}", advice=advice)
    property_iri = PREFIXES["skos"] + "inScheme" if iri.startswith(PREFIXES["scheme"]) else RDF_TYPE
    property_iri = PREFIXES["rdfs"] + "subClassOf" if with_subclasses else property_iri
    members = {*terms.things(store, property_iri, iri), *([iri] if with_subclasses else [])}
    return {member: terms.names_of(store, ox.NamedNode(member)) for member in sorted(members)}


def run(dataset: Dataset, saved: SavedQuery, bindings: dict[str, Term]) -> QueryResult:
    """Answer a saved query, its columns of parameters and lines left out of the rows; raises UsageError for one that needs the network."""
    if saved.reaches:
        advice = f"allow it with `oewg ask {saved.name} --allow-network`"
        raise UsageError(f"{saved.name} needs the network: it queries {' and '.join(saved.reaches)}", advice=advice)
    try:
        solutions = select(dataset.store, with_values(saved, bindings))
    except SyntaxError as error:
        raise from_syntax_error(error, f"queries/{saved.name}.rq") from error
    variables = [variable.value for variable in solutions.variables]
    return collect(saved, variables, [tuple(row) for row in solutions])


def with_values(saved: SavedQuery, bindings: dict[str, Term]) -> str:
    """Write a saved query with these values as its defaults: each as a CURIE that the text declares, or as a serialized term."""
    # Not by `substitutions`, with which pyoxigraph 0.5.13 leaves `?x` of `BIND (?parameter AS ?x)` unbound.
    text = saved.text
    for parameter in saved.parameters:
        new_default = bindings.get(parameter.variable)
        if new_default is not None:
            default_text = terms.query_term(new_default, saved.text).replace("\\", r"\\")
            text = _default_lines(parameter).sub(rf"\g<1>{default_text}", text)
    return text


def collect(saved: SavedQuery, variables: list[str], solutions: list[tuple[Term | None, ...]]) -> QueryResult:
    """Gather solutions into distinct rows with their citations, in order of first appearance."""
    hidden = {parameter.variable for parameter in saved.parameters}
    line_columns = [column for column, name in enumerate(variables) if name == "line" or name.endswith("Line")]
    row_columns = [column for column, name in enumerate(variables) if column not in line_columns and name not in hidden]
    rows: dict[tuple[Term | None, ...], set[str]] = {}
    for solution in solutions:
        cited = rows.setdefault(tuple(solution[column] for column in row_columns), set())
        cited.update(line for column in line_columns for line in terms.text_of(solution[column]).split())
    citations = tuple(tuple(sorted(cited, key=terms.line_order)) for cited in rows.values())
    return QueryResult(tuple(variables[column] for column in row_columns), tuple(rows), citations)


def run_text(dataset: Dataset, text: str, file: str = "query") -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Run any SPARQL 1.1 query, our prefixes predefined; raises ParseError with `file:line:column`, LimitError, UsageError."""
    from oewg_kg.safety import query_guard

    text = text.removeprefix("\ufeff")
    query_guard.check(text)
    try:
        return dataset.store.query(text, prefixes=PREFIXES)
    except SyntaxError as error:
        raise from_syntax_error(error, file, text=text, prefixes=PREFIXES) from error
    except RuntimeError as error:  # a function that the engine does not know
        raise ParseError(str(error), file, "use only functions of SPARQL 1.1") from error
