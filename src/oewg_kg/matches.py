"""What reconciliation found, laid out: cells beside each row of a table, or SSSOM.

Not for finding it.
"""

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.reconcile import NOTATION, Candidate, decide
from oewg_kg.vocabulary import PREFIXES

# What tables write for no value. Programs that read SSSOM (sssom-py, by pandas) take such a label for a missing one.
NO_VALUE = {"n/a", "na", "nan", "null", "none", "<na>", "#n/a", "#na"}


def cells(store: ox.Store, found: list[Candidate]) -> list[str]:
    """Write what was found for one text as cells: status, IRI, ISO 3166-1 alpha-3, score, why; of several, all and no choice."""
    status = decide(found)
    if status == "unmatched":
        near = [f"not near enough: {terms.compact(one.iri)} {one.score:.2f}, {one.why}" for one in found[:1]]
        return [status, "", "", "", *(near or ["no name like it"])]
    if status == "ambiguous":
        return [
            status,
            "",
            "",
            "",
            "; ".join(f"{terms.compact(one.iri)} {one.score:.2f}, {one.why}" for one in found[:5]),
        ]
    best = found[0]
    is_state = best.iri.startswith(PREFIXES["state"])
    pattern = store.quads_for_pattern(ox.NamedNode(best.iri), ox.NamedNode(NOTATION), None, ox.DefaultGraph())
    notations = sorted(terms.text_of(quad.object) for quad in pattern) if is_state else []
    return [status, best.iri, notations[0] if notations else "", f"{best.score:.2f}", best.why]


def sssom(store: ox.Store, found: dict[str, list[Candidate]]) -> str:
    """Write what was found as SSSOM 1.0: each distinct text as a literal subject, matched or not found.

    Left out are ambiguous texts, and those that mean no value.
    """
    prefixes = ("oewg", "state", "group", "stakeholder", "body", "organ", "person", "authors", "skos")
    head = ["# mapping_set_id: https://w3id.org/oewg-kg/links/reconciled", "# license: https://creativecommons.org/publicdomain/zero/1.0/",
            "# mapping_tool: oewg-kg", "# subject_type: rdfs literal", "# curie_map:"]  # fmt: skip
    head += [f"#   {name}: {PREFIXES[name]}" for name in prefixes]
    head += ["#   semapv: https://w3id.org/semapv/vocab/", "#   sssom: https://w3id.org/sssom/"]
    names = [
        "subject_label",
        "predicate_id",
        "object_id",
        "object_label",
        "mapping_justification",
        "confidence",
        "comment",
    ]
    lines = ["\t".join(names)]
    for text, candidates_of in sorted(found.items()):
        status = decide(candidates_of)
        subject = " ".join(text.split())
        if status == "ambiguous" or (status == "unmatched" and subject.casefold() in {"", *NO_VALUE}):
            continue
        row = [subject, "skos:exactMatch", "sssom:NoTermFound", "", "semapv:LexicalMatching", "", "no name like it"]
        if status == "matched":
            best = candidates_of[0]
            how = "semapv:LexicalSimilarityThresholdMatching" if best.near else "semapv:LexicalMatching"
            label = terms.label(store, best.iri) or ""
            row = [subject, "skos:exactMatch", terms.compact(best.iri), label, how, f"{best.score:.2f}", best.why]
        lines.append("\t".join(" ".join(cell.split()) for cell in row))
    return "\n".join([*head, *lines]) + "\n"
