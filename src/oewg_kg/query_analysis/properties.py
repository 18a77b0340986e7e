"""Find which properties a query can see (its IRIs, if no variable or path hides others), so that it is not run again for the rest."""

from itertools import takewhile

from oewg_kg.query_analysis.triple_patterns import EDGE, tokens

LISTING = ("SELECT", "BY", "VALUES")  # variables next to each other between these and the next brace are no triple
EXPRESSION = ("word", "name", "iri", "variable")  # before the "(" of an expression or a call; elsewhere a list begins


def visible_properties(text: str) -> frozenset[str] | None:
    """Find every IRI in a query; None if it may see any property: by a variable in the place of one, or by a path without steps.

    A variable that VALUES limits before it in the same group, or around GRAPH, means the IRIs given there. A path that may have no steps
    (`p*`, `p?`) leads from each entity to itself, whatever its properties; but not as a later part of a path (`p/q*`), because the part
    before it gives the start. A path that excludes properties (`!p`) sees all others, and DESCRIBE sees all. If it is not certain, the
    answer is None.
    """
    query_tokens = [EDGE, EDGE, *tokens(text), EDGE]
    listing, limited = False, [set[str]()]  # by VALUES, for each open group
    in_expression, ended = [False], False  # for each open bracket; whether the token before ended an expression
    for index in range(2, len(query_tokens) - 1):
        earlier, before, token, after = query_tokens[index - 2 : index + 2]
        listing = before.word in LISTING or (listing and before.text not in ("{", "}"))
        if token.word == "VALUES":
            block = list(takewhile(lambda data: data.text != "}", query_tokens[index:]))
            if not any(data.word == "UNDEF" for data in block):
                limited[-1] |= {data.text for data in block if data.kind == "variable"}
        elif token.text == "{":
            limited.append(limited[-1] if earlier.word == "GRAPH" else set())
        elif token.text == "}":
            limited.pop()
        if token.text in ("(", "{"):
            in_expression.append(token.text == "(" and (in_expression[-1] or before.kind in EXPRESSION))
        follows = before.is_term or before.text in (";", "[", "]") or (before.text == ")" and not ended)
        unlimited = token.kind == "variable" and token.text not in limited[-1] and not listing
        any_property = unlimited and follows and (after.is_term or after.text in ("[", "("))
        no_steps = token.text in ("*", "?") and (before.is_path or before.text == ")") and earlier.text != "/"
        excludes = token.text == "!" and (after.is_path or after.text in ("^", "("))
        if any_property or no_steps or excludes or token.word == "DESCRIBE":
            return None
        ended = token.text in (")", "}") and in_expression.pop()
    return frozenset(token.iri for token in query_tokens if token.iri)
