"""The Reconciliation Service API over a real server: what it tells apart, the schemas of 0.2, and how clients drive it."""

import csv
import json
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

import material
from conftest import ROOT
from external import module
from oewg_kg.vocabulary import BASE, OEWG
from served import serving

pytestmark = pytest.mark.slow

STATE = BASE + "state/"
VALIDATED = {
    "manifest",
    "reconciliation-query-batch",
    "reconciliation-result-batch",
    "suggest-entities-response",
    "suggest-properties-response",
    "suggest-types-response",
    "data-extension-query",
    "data-extension-response",
    "data-extension-property-proposal",
}
EXTEND = {
    "ids": [STATE + "AUT", "state:KOR", "https://example.org/nothing"],
    "properties": [
        {"id": OEWG + "iso2"},
        {"id": "admittedOn"},
        {"id": "org:memberOf", "settings": {"limit": "1"}},
        {"id": "skos:exactMatch", "settings": {"content": "iri", "limit": 0}},
        {"id": "oewg:nameInSource", "settings": {"content": "line"}},
    ],
}


@pytest.fixture(scope="module")
def client(site: str) -> Any:
    with httpx.Client(base_url=site, timeout=60) as made:
        yield made


def asked(client: httpx.Client, queries: dict[str, Any]) -> dict[str, Any]:
    """Send a batch as OpenRefine does: a form with one field."""
    answer = client.post("/reconcile", data={"queries": json.dumps(queries)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def candidates(client: httpx.Client, text: str, **more: Any) -> list[dict[str, Any]]:
    return list(asked(client, {"q0": {"query": text, **more}})["q0"]["result"])


def matched(found: list[dict[str, Any]]) -> str:
    """Name the local part of the candidate that matches, or nothing; whatever came must be in order."""
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True) and all(0 <= score <= 100 for score in scores)
    assert [one["match"] for one in found[1:]] == [False] * len(found[1:]), "at most the first matches"
    return found[0]["id"].rpartition("/")[2] if found and found[0]["match"] else ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Austria", "AUT"),
        ("Australia", "AUS"),
        ("India", "IND"),
        ("Indonesia", "IDN"),
        ("Israel", "ISR"),
        ("Ireland", "IRL"),
        ("Republic of Korea", "KOR"),
        ("Korea, Republic of", "KOR"),
        ("South Korea", "KOR"),
        ("ROK", "KOR"),
        ("DPRK", "PRK"),
        ("I.R. Iran", "IRN"),
        ("Turkey", "TUR"),
        ("Türkiye", "TUR"),
        ("Czechia", "CZE"),
        ("Czech Republic", "CZE"),
        ("UK", "GBR"),
        ("Non-Aligned Movement", "NAM"),
        ("APC", "apc"),
        ("WILF", "wilpf"),
        ("EST", "EST"),
        ("EE", "EST"),
        ("233", "EST"),
        ("Австралия", "AUS"),
        ("Zero Draft", "oewg1-zero-draft"),
        ("A/RES/75/240", "a-res-75-240"),
        ("state:FRA", "FRA"),
        (STATE + "FRA", "FRA"),
        ("Korea", ""),
        ("Austrlia", ""),
        ("Holland", ""),
        ("Great Britain", ""),
        ("Atlantis", ""),
        ("NAM", ""),
        ("040", ""),
        ("A/RES/240/75", ""),
        ("Resolution A/RES/75/241", ""),
        ("Open-ended Working Group 2021-2019", ""),
        ("", ""),
        ("x" * 5000, ""),
    ],
)
def test_what_stands_out_is_matched_and_nothing_else(client: httpx.Client, text: str, wanted: str) -> None:
    assert matched(candidates(client, text)) == wanted


def test_the_republic_of_korea_brings_nobody_along(client: httpx.Client) -> None:
    assert [one["id"] for one in candidates(client, "Republic of Korea")] == [STATE + "KOR"]
    assert {one["id"] for one in candidates(client, "Korea", type="State")} == {STATE + "KOR", STATE + "PRK"}


def test_spellings_of_real_sources_are_matched_as_on_the_command_line(client: httpx.Client) -> None:
    with (ROOT / "tests" / "reconcile" / "spellings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))[1:]
    right, wrong = 0, []
    for start in range(0, len(rows), 100):
        part = rows[start : start + 100]
        found = asked(client, {str(at): {"query": row[0], "type": "oewg:State"} for at, row in enumerate(part)})
        for at, (text, wanted, _) in enumerate(part):
            got = matched(found[str(at)]["result"])
            right += bool(wanted) and got == wanted
            wrong += [(text, got, wanted)] if got and got != wanted else []
    assert len(rows) > 400 and not wrong
    assert right / sum(bool(row[1]) for row in rows) > 0.98


def test_an_acronym_that_is_also_a_code_is_sure_only_in_a_column_of_codes(client: httpx.Client) -> None:
    """`NAM` is the Non-Aligned Movement (page 000 and others) and the alpha-3 code of Namibia."""
    for kind in ({}, {"type": "oewg:State"}, {"type": ["oewg:State", "oewg:StateGroup"]}):
        assert matched(candidates(client, "NAM", **kind)) == ""
    (namibia,) = candidates(client, "NAM", type=OEWG + "State")
    assert (namibia["id"], namibia["match"]) == (STATE + "NAM", False) and namibia["score"] < 90

    def column(*texts: str, **more: Any) -> list[str]:
        answer = asked(client, {text: {"query": text, **more} for text in texts})
        return [matched(answer[text]["result"]) for text in texts]

    for more in ({}, {"type": "oewg:State"}):
        assert column("NAM", "EST", "FRA", **more) == ["NAM", "EST", "FRA"]
        assert column("NAM", "Estonia", "France", **more) == ["", "EST", "FRA"]
        assert column("NA", "EE", "FR", **more) == ["NAM", "EST", "FRA"]
        assert column("NA", "EST", "FRA", **more) == ["", "EST", "FRA"], "in R, NA is no value"
    assert column("NAM", "USA", "EU") == ["", "USA", "EU"], "USA and EU are names too"
    assert column("040", "008", "276") == ["AUT", "ALB", "DEU"], "UN M49; 040 alone may be Cuba's number too"


def test_a_type_decides_between_namesakes_and_a_limit_is_kept(client: httpx.Client) -> None:
    found = candidates(client, "NAM", type=["oewg:StateGroup"], type_strict="should")
    assert matched(found) == "NAM" and "/group/" in found[0]["id"]
    assert len(candidates(client, "Korea", limit=1)) == 1
    types = {kind["id"] for one in candidates(client, "Korea", type="Contribution") for kind in one["type"]}
    assert types == {"oewg:Contribution"}


def test_an_unknown_type_empties_its_query_and_no_other(client: httpx.Client) -> None:
    answer = asked(client, {"a": {"query": "Estonia"}, "b": {"query": "Estonia", "type": "Stat"}})
    assert matched(answer["a"]["result"]) == "EST" and answer["b"] == {"result": []}
    both = asked(client, {"c": {"query": "Estonia", "type": ["Stat", "oewg:State"]}})
    assert matched(both["c"]["result"]) == "EST"


def test_type_ids_survive_an_address_that_is_not_encoded(client: httpx.Client) -> None:
    """OpenRefine writes `propose_properties` with the type as it stands; a browser ends the address at `#`."""
    kinds = [kind["id"] for kind in client.get("/reconcile").json()["defaultTypes"]]
    kinds += [kind["id"] for kind in every(client, "type")]
    kinds += [kind["id"] for kind in candidates(client, "Estonia")[0]["type"]]
    assert "oewg:State" in kinds and not [kind for kind in kinds if "#" in kind or "<" in kind]
    for kind in sorted(set(kinds)):
        assert client.get(f"/reconcile/extend/propose?type={kind}").json()["properties"], kind
        assert client.get(f"/reconcile/flyout/type?id={kind}").json()["id"] == kind


@pytest.mark.parametrize(
    ("text", "properties", "wanted"),
    [
        ("040", [("iso2", "AT")], "AUT"),
        ("040", [("ISO 3166-1 alpha-2", "cu")], "CUB"),
        ("Austrlia", [("oewg:iso2", "AU")], "AUS"),
        ("Austrlia", [("oewg:m49", 36)], "AUS"),
        ("Austrlia", [("oewg:m49", ["040", "036"])], ""),
        ("Austria", [("oewg:iso2", "AU")], ""),
        ("Austria", [("org:memberOf", "European Union")], "AUT"),
        ("Austria", [("org:memberOf", {"id": BASE + "group/EU", "name": "EU"})], "AUT"),
        ("Austria", [("admittedOn", "1955-12-14T00:00:00Z")], "AUT"),
        ("Austria", [("oewg:symbol", "A/RES/75/240")], "AUT"),
        ("NAM", [("skos:notation", "NAM"), ("iso2", "NA")], "NAM"),
        ("", [("iso2", "EE")], "EST"),
        ("Estland", [("iso2", "EE")], ""),
    ],
)
def test_other_cells_of_the_row_are_evidence(
    client: httpx.Client, text: str, properties: list[tuple[str, Any]], wanted: str
) -> None:
    found = candidates(client, text, properties=[{"pid": name, "v": value} for name, value in properties])
    assert matched(found) == wanted
    assert found, "what is not sure is still offered"


def every(client: httpx.Client, kind: str) -> list[dict[str, Any]]:
    """Fetch all suggestions, part by part."""
    found: list[dict[str, Any]] = []
    while part := client.get(f"/reconcile/suggest/{kind}", params={"cursor": len(found), "limit": 100}).json()[
        "result"
    ]:
        found += part
    return found


def test_suggestions(client: httpx.Client) -> None:
    def suggested(kind: str, prefix: str, **more: str) -> list[str]:
        params = {"prefix": prefix, **more}
        return [one["name"] for one in client.get(f"/reconcile/suggest/{kind}", params=params).json()["result"]]

    assert suggested("entity", "aust")[0] == "Australia" and "Austria" in suggested("entity", "aust")
    assert suggested("entity", "aust", type="oewg:State") == ["Australia", "Austria"]
    assert suggested("entity", "Korea", type="State") == ["Democratic People's Republic of Korea", "Republic of Korea"]
    assert suggested("entity", STATE + "EST") == suggested("entity", "state:EST") == ["Estonia"]
    assert suggested("type", "sess") == ["session"]
    assert suggested("property", "iso") == ["ISO 3166-1 alpha-2"]
    whole = every(client, "entity")
    assert len(whole) > 800 and len({one["id"] for one in whole}) == len(whole)
    assert "oewg:SourceLine" not in {one["id"] for one in every(client, "type")}
    assert len(every(client, "property")) > 80


def test_flyouts_and_previews(client: httpx.Client) -> None:
    manifest = client.get("/reconcile").json()
    for kind, identifier in (("entity", STATE + "EST"), ("property", OEWG + "iso2"), ("type", OEWG + "State")):
        path = manifest["suggest"][kind]["service_url"] + manifest["suggest"][kind]["flyout_service_path"]
        told = client.get(path.replace("${id}", httpx.QueryParams({"": identifier}).__str__()[1:])).json()
        assert told["id"] == identifier and told["html"].startswith("<p>")
        assert client.get(path.replace("${id}", "nothing")).status_code == 404
    preview = client.get(manifest["preview"]["url"].replace("{{id}}", "https%3A%2F%2Fw3id.org%2Foewg-kg%2Fstate%2FEST"))
    assert "Estonia" in preview.text and "frame-ancestors *" in preview.headers["content-security-policy"]
    assert client.get(manifest["view"]["url"].replace("{{id}}", STATE + "EST")).status_code == 200
    assert client.get("/reconcile/preview?id=nothing").status_code == 404


def test_a_state_is_said_to_be_a_member_of_what_it_has_not_left(client: httpx.Client) -> None:
    wanted = {"ids": [STATE + code for code in ("NIC", "GBR", "MAR")], "properties": [{"id": "org:memberOf"}]}
    rows = client.post("/reconcile", data={"extend": json.dumps(wanted)}).json()["rows"]
    groups = [[one["id"].rpartition("/")[2] for one in rows[code]["org:memberOf"]] for code in wanted["ids"]]
    assert [sorted(one) for one in groups] == [["GRULAC", "NAM"], ["WEOG", "osce"], ["NAM", "african-group", "au"]]


def test_data_extension(client: httpx.Client) -> None:
    found = client.post("/reconcile", data={"extend": json.dumps(EXTEND)}).json()
    assert [one["id"] for one in found["meta"]] == [one["id"] for one in EXTEND["properties"]]
    austria, korea, nothing = (found["rows"][one] for one in EXTEND["ids"])
    assert austria[OEWG + "iso2"] == [{"str": "AT"}]
    assert austria["admittedOn"] == [{"date": "1955-12-14T00:00:00Z"}]
    assert austria["org:memberOf"] == [{"id": BASE + "group/EU", "name": "European Union (EU)"}]
    assert {"str": "http://www.wikidata.org/entity/Q40"} in austria["skos:exactMatch"]
    assert {"str": "oewg-2019-2021, line 35"} in austria["oewg:nameInSource"]
    assert korea[OEWG + "iso2"] == [{"str": "KR"}]
    assert set(map(len, nothing.values())) == {0}
    proposed = client.get("/reconcile/extend/propose", params={"type": OEWG + "State", "limit": 9}).json()
    assert len(proposed["properties"]) == proposed["limit"] == 9
    assert {OEWG + "iso2", OEWG + "m49"} <= {one["id"] for one in proposed["properties"]}


@pytest.mark.parametrize(
    ("queries", "status", "told"),
    [
        ("[", 400, "queries is not valid JSON"),
        ("[]", 400, "queries: expected an object"),
        ('{"q0":{}}', 400, "q0: expected a query or properties"),
        ('{"q0":{"query":1}}', 400, "q0.query: expected a string"),
        ('{"q0":{"query":"a","limit":0}}', 400, "q0.limit: expected a positive integer"),
        ('{"q0":{"query":"a","limit":1e999}}', 400, "not valid JSON"),
        ('{"q0":{"query":"a","limit":"' + "9" * 5000 + '"}}', 400, "q0.limit: expected a positive integer"),
        ('{"q0":{"query":"a","type_strict":"so"}}', 400, "any, should or all"),
        ('{"q0":{"query":"a","properties":[{"p":"x","v":"y"}]}}', 400, "unknown field 'p'; use pid, v"),
        (
            '{"q0":{"query":"a","properties":[{"pid":"iso","v":"y"}]}}',
            400,
            "unknown property 'iso'; use, for example, oewg:iso2",
        ),
        ('{"q0":{"query":"a","properties":[{"pid":"iso2","v":{"name":"y"}}]}}', 400, "an object with an id"),
        ('{"q0":{"query":"\\ud800"}}', 400, "not valid JSON"),
        ("[" * 100_000, 400, "not valid JSON"),
        (json.dumps({str(at): {"query": "a"} for at in range(101)}), 413, "at most 100"),
        (
            json.dumps({"q": {"query": "a", "properties": [{"pid": "iso2", "v": ["b"] * 50}] * 11}}),
            413,
            "send fewer queries",
        ),
        (json.dumps({str(at): {"query": "a", "type": ["oewg:State"] * 20} for at in range(99)}), 413, "send fewer"),
        ("x" * (3 << 20), 413, "larger than 2 MiB"),
    ],
)
def test_what_is_wrong_is_reported_in_one_line(client: httpx.Client, queries: str, status: int, told: str) -> None:
    answer = client.post("/reconcile", data={"queries": queries})
    assert answer.status_code == status and told in answer.text and len(answer.text.splitlines()) == 1
    assert answer.headers["access-control-allow-origin"] == "*"


def test_other_wrong_requests(client: httpx.Client) -> None:
    assert client.post("/reconcile", json={}).status_code == 415
    assert client.post("/reconcile", data={"query": "x"}).status_code == 400
    assert client.put("/reconcile").status_code == 405
    assert client.get("/reconcile/suggest/everything?prefix=a").status_code == 404


def test_every_route_may_be_called_from_other_origins(client: httpx.Client) -> None:
    for path in ("/reconcile", "/reconcile/suggest/entity", "/reconcile/extend/propose", "/reconcile/preview"):
        asking = {"origin": "https://example.org", "access-control-request-method": "POST"}
        answer = client.options(path, headers=asking | {"access-control-request-headers": "content-type"})
        assert answer.is_success and answer.headers["access-control-allow-origin"] == "*"
        assert "POST" in answer.headers["access-control-allow-methods"]


def test_get_and_post_answer_the_same(client: httpx.Client) -> None:
    queries = {"q0": {"query": "Austria"}, "q1": {"query": "Korea", "limit": 3}}
    got = client.get("/reconcile", params={"queries": json.dumps(queries)})
    assert got.json() == asked(client, queries) and list(got.json()) == ["q0", "q1"]
    extended = client.get("/reconcile", params={"extend": json.dumps(EXTEND)}).json()
    assert extended == client.post("/reconcile", data={"extend": json.dumps(EXTEND)}).json()


def test_the_manifest_announces_what_is_tested(client: httpx.Client) -> None:
    assert client.get("/reconcile").json()["versions"] == ["0.2"]
    assert client.get("/reconcile/1.0-draft").status_code == 404


def test_real_answers_keep_to_the_schemas(client: httpx.Client) -> None:
    place = material.folder("OEWG_STANDARDS", "reconciliation-0.2", "schemas")
    material.needed("OEWG_STANDARDS", place, "the set of schemas of the Reconciliation Service API")
    jsonschema, referencing = module("jsonschema", "jsonschema"), module("referencing.jsonschema", "jsonschema")
    registry = module("referencing", "jsonschema").Registry()
    schemas = {path.stem: json.loads(path.read_text()) for path in sorted(place.glob("*.json"))}
    for schema in schemas.values():
        registry = registry.with_resource(schema["$id"], referencing.DRAFT7.create_resource(schema))
        # A reference to type.json is meant beside the schema, whatever version its own identifier names.
        beside = schema["$id"].rpartition("/")[0] + "/type.json"
        registry = registry.with_resource(beside, referencing.DRAFT7.create_resource(schemas["type"]))
    used = set()

    def keeps(name: str, data: Any) -> None:
        validator = jsonschema.Draft7Validator(schemas[name], registry=registry)
        assert [f"{list(error.path)}: {error.message[:300]}" for error in validator.iter_errors(data)] == [], name
        assert data
        used.add(name)

    keeps("manifest", client.get("/reconcile").json())
    texts = ["Austria", "Korea", "Austrlia", "NAM", "Atlantis", "Zero Draft", "A/RES/75/240", "UNODA"]
    evidence = {"pid": OEWG + "iso2", "v": ["AT", {"id": "x", "name": "y"}, 3, True]}
    queries: dict[str, Any] = {text: {"query": text, "properties": [evidence]} for text in texts}
    queries |= {"q": {"type": [OEWG + "State"], "limit": 3, "properties": [evidence]}}
    answer = asked(client, queries)
    keeps("reconciliation-query-batch", queries)
    keeps("reconciliation-result-batch", answer)
    keeps("suggest-entities-response", {"result": every(client, "entity")})
    keeps("suggest-properties-response", {"result": every(client, "property")})
    keeps("suggest-types-response", {"result": every(client, "type")})
    properties = [one["id"] for one in every(client, "property")]
    extend = {"ids": [one["id"] for one in every(client, "entity")][::3], "properties": []}
    for at in range(0, len(properties), 50):
        part = extend | {"properties": [{"id": one, "settings": {"limit": 5}} for one in properties[at : at + 50]]}
        keeps("data-extension-query", part)
        keeps("data-extension-response", client.post("/reconcile", data={"extend": json.dumps(part)}).json())
    keeps("data-extension-property-proposal", client.get("/reconcile/extend/propose?type=oewg:State&limit=5").json())
    assert used == VALIDATED and set(schemas) == used | {"type", "openapi"}


def test_the_way_openrefine_goes(client: httpx.Client) -> None:
    manifest = client.get("/reconcile", headers={"origin": "http://127.0.0.1:3333"}).json()
    column = ["Austria", "I.R. Iran", "Czechia", "South Africa", "Korea, Republic of", "UK", "Viet Nam", "Niger"]
    guessed = asked(client, {f"q{at}": {"query": text, "limit": 3} for at, text in enumerate(column)})
    types = [one["result"][0]["type"][0]["id"] for one in guessed.values()]
    assert set(types) == {"oewg:State"} and types[0] in {kind["id"] for kind in manifest["defaultTypes"]}
    rows = {
        f"q{at}": {"query": text, "type": types[0], "type_strict": "should", "properties": [], "limit": 5}
        for at, text in enumerate(column)
    }
    found = [matched(one["result"]) for one in asked(client, rows).values()]
    assert found == ["AUT", "IRN", "CZE", "ZAF", "KOR", "GBR", "VNM", "NER"]
    place = manifest["extend"]["propose_properties"]
    proposed = client.get(place["service_url"] + place["service_path"], params={"type": types[0]}).json()["properties"]
    settings = {one["name"]: one["default"] for one in manifest["extend"]["property_settings"]}
    wanted = {"ids": [STATE + code for code in found], "properties": [{"id": proposed[0]["id"], "settings": settings}]}
    filled = client.post("/reconcile", data={"extend": json.dumps(wanted)}).json()
    assert set(filled["rows"]) == set(wanted["ids"]) and all(row[proposed[0]["id"]] for row in filled["rows"].values())


def test_the_way_the_library_reconciler_goes(site: str) -> None:
    pandas, library = module("pandas", "pandas"), module("reconciler", "reconciler")
    table = pandas.DataFrame({"name": ["Austria", "040", "WILF", "NAM"], "code": ["AT", "CU", "-", "-"]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own: it calls pandas in a way that will go
        found = library.reconcile(table["name"], reconciliation_endpoint=f"{site}/reconcile")
        sure = library.reconcile(
            table["name"][:2],
            type_id=OEWG + "State",
            property_mapping={OEWG + "iso2": table["code"][:2]},
            reconciliation_endpoint=f"{site}/reconcile",
        )
    assert list(found["match"]) == [True, False, True, False]
    assert [iri.rpartition("/")[2] for iri in sure["id"]] == ["AUT", "CUB"] and all(sure["match"])


def test_files_of_ones_own_are_reconciled_with_and_cannot_act(tmp_path: Path) -> None:
    file = tmp_path / "own.ttl"
    file.write_text(
        "@prefix ex: <http://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        'ex:a a ex:Cat ; rdfs:label "Tom <script>alert(1)</script>" ; ex:size 5 .\nex:b a ex:Cat ; rdfs:label "Tim" .\n'
    )
    with (
        serving(tmp_path, "--workers", "1", "--data", str(file)) as server,
        httpx.Client(base_url=server.address, timeout=60) as client,
    ):
        assert [kind["id"] for kind in client.get("/reconcile").json()["defaultTypes"]] == ["http://example.org/Cat"]
        assert matched(candidates(client, "Tim")) == "b"
        preview = client.get("/reconcile/preview", params={"id": "http://example.org/a"}).text
        flyout = client.get("/reconcile/flyout/entity", params={"id": "http://example.org/a"}).json()["html"]
        assert "<script" not in preview + flyout and "&lt;script" in preview
        assert client.get("/openapi.json").status_code == 200
