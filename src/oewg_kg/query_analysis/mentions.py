"""Find which properties a query can see, so that it is not run again if only others changed."""

from oewg_kg.query_analysis.triple_patterns import Token, tokens


def properties(text: str) -> frozenset[str] | None:
    """Find every IRI in a query; None where it may see any property: by a variable in the place of one, or by a path of no steps."""
    read = list(tokens(text))
    signs = [token.text for token in read]
    inside = read[signs.index("{") : len(signs) - signs[::-1].index("}")]
    for at in range(1, len(inside) - 1):
        before, token, after = inside[at - 1 : at + 2]
        is_between = (_is_term(before) or before.text in (";", "[", "]", ")")) and (
            _is_term(after) or after.text in ("[", "(")
        )
        if token.kind == "variable" and is_between:
            return None
        follows = before.kind in ("iri", "name") or before.text in (")", "a")
        if token.text in ("*", "?") and follows and inside[at - 2].text != "/":
            return None
    return frozenset(token.iri for token in read if token.iri)


def _is_term(token: Token) -> bool:
    return token.kind in ("iri", "name", "variable", "literal") or token.word in ("TRUE", "FALSE")
