"""The contract's document says what the code does."""

from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate
import pytest
import yaml

from custom_components.zhian.link import (
    documents,
    identity,
    messages,
    orders,
    origins,
    views,
    withdrawn,
)
from custom_components.zhian.link.client import API
from custom_components.zhian.link.documents import parse_incident
from custom_components.zhian.link.frames import read_down, read_up, write_down, write_up
from custom_components.zhian.link.identity import StationProof
from custom_components.zhian.link.messages import (
    Answer,
    Deletion,
    Enrolment,
    EnrolmentRequest,
    FactsKept,
    Heartbeat,
    HeartbeatAnswer,
    HouseholdFacts,
    KeyChange,
    KeyChanged,
)
from custom_components.zhian.link.orders import OrderAnswer, OrderSigned
from custom_components.zhian.link.problems import Reason, problem
from custom_components.zhian.link.signatures import PublicKey
from custom_components.zhian.link.views import StationView
from custom_components.zhian.link.withdrawn import IncidentWithdrawn, WithdrawalKept

from .samples import document
from .sketch import Sketch, plain
from .test_documents import BAD, put

CONTRACT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text(encoding="utf-8")
)
EXAMPLES: dict[str, Any] = {
    name: example["value"]
    for name, example in CONTRACT["components"]["examples"].items()
}


def is_valid(schema: str, value: Any) -> bool:
    """Whether the contract's schema takes a value."""
    validator = Draft202012Validator(
        {
            "$ref": f"#/components/schemas/{schema}",
            "components": CONTRACT["components"],
        },
        format_checker=FormatChecker(),
    )
    return validator.is_valid(value)


def test_the_contract_is_a_sound_openapi_document() -> None:
    validate(CONTRACT)
    assert CONTRACT["servers"] == [{"url": API}]


@pytest.mark.parametrize(
    ("schema", "example", "read"),
    [
        ("EnrolmentRequest", "EnrolmentRequest", EnrolmentRequest.from_json),
        ("Enrolment", "Enrolment", Enrolment.from_json),
        ("Incident", "GasIncident", parse_incident),
        ("Incident", "Drill", parse_incident),
        ("Accepted", "Accepted", Answer.from_json),
        ("StationView", "Received", StationView.from_json),
        ("StationView", "Asked", StationView.from_json),
        ("StationView", "Dispatched", StationView.from_json),
        ("StationView", "Closed", StationView.from_json),
        ("Heartbeat", "Heartbeat", Heartbeat.from_json),
        ("HeartbeatAnswer", "HeartbeatAnswer", HeartbeatAnswer.from_json),
        ("HouseholdFacts", "HouseholdFacts", HouseholdFacts.from_json),
        ("FactsKept", "FactsKept", FactsKept.from_json),
        ("Deletion", "DeletionWaiting", Deletion.from_json),
        ("Deletion", "DeletionDone", Deletion.from_json),
        ("KeyChange", "KeyChange", KeyChange.from_json),
        ("KeyChanged", "KeyChanged", KeyChanged.from_json),
        ("EnrolmentRequest", "StationEnrolmentRequest", EnrolmentRequest.from_json),
        ("Incident", "PassedOn", parse_incident),
        ("StationView", "FurtherUp", StationView.from_json),
        ("HeartbeatAnswer", "StationHeartbeatAnswer", HeartbeatAnswer.from_json),
        ("IncidentWithdrawn", "IncidentWithdrawn", IncidentWithdrawn.from_json),
        ("WithdrawalKept", "WithdrawalKept", WithdrawalKept.from_json),
        ("OrderSigned", "OrderSigned", OrderSigned.from_json),
        ("OrderAnswer", "OrderAnswer", OrderAnswer.from_json),
        ("StationProof", "StationProof", StationProof.from_json),
    ],
)
def test_every_example_is_taken_by_schema_and_code(
    schema: str, example: str, read: Any
) -> None:
    assert is_valid(schema, EXAMPLES[example])
    read_back = read(EXAMPLES[example])
    assert is_valid(schema, read_back.as_json())


def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every body of the contract, requests and answers, with its place."""
    for path, item in CONTRACT["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or path.startswith("/openapi."):
                continue  # the contract is no example of itself
            parts = {"request": operation.get("requestBody", {})}
            for status, response in operation["responses"].items():
                name = response.get("$ref", "").rpartition("/")[2]
                parts[status] = CONTRACT["components"]["responses"].get(name, response)
            for part, found in parts.items():
                for kind, body in found.get("content", {}).items():
                    yield f"{method} {path}, {part}, {kind}", body


def test_every_body_has_examples_that_fit_their_place() -> None:
    used = {"UpFrame", "DownFrame", "OrderFrame"}  # no body: said on the stream
    for place, body in bodies():
        schema = body["schema"]["$ref"].rpartition("/")[2]
        names = [e["$ref"].rpartition("/")[2] for e in body["examples"].values()]
        assert names, place
        assert all(is_valid(schema, EXAMPLES[name]) for name in names), place
        used.update(names)
    assert used == set(EXAMPLES)


def test_the_examples_of_frames_are_frames() -> None:
    up, down = EXAMPLES["UpFrame"], EXAMPLES["DownFrame"]
    assert is_valid("UpFrame", up)
    assert is_valid("DownFrame", down)
    beat, news = read_up(json.dumps(up)), read_down(json.dumps(down))
    assert beat is not None
    assert news is not None
    assert json.loads(write_up(beat)) == up
    assert is_valid("DownFrame", json.loads(write_down(news)))


def test_the_example_of_an_order_is_a_frame() -> None:
    frame = EXAMPLES["OrderFrame"]
    assert is_valid("DownFrame", frame)
    order = read_down(json.dumps(frame))
    assert order is not None
    assert json.loads(write_down(order)) == frame


def test_the_example_s_key_is_a_key() -> None:
    assert PublicKey.from_base64(EXAMPLES["EnrolmentRequest"]["public_key"])


def test_the_example_s_proof_holds_for_its_address_and_challenge_alone() -> None:
    (parameter,) = CONTRACT["paths"]["/identity"]["get"]["parameters"]
    challenge = parameter["example"]
    proof = StationProof.from_json(EXAMPLES["StationProof"])
    assert proof.public_key == EXAMPLES["Enrolment"]["public_key"]
    assert proof.holds("station.xingfu.example", challenge)
    assert not proof.holds("192.0.2.20:8123", challenge)
    assert not proof.holds("station.xingfu.example", challenge[::-1])


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Incident", parse_incident),
        ("EnrolmentRequest", EnrolmentRequest.from_json),
        ("Enrolment", Enrolment.from_json),
        ("Accepted", Answer.from_json),
        ("StationView", StationView.from_json),
        ("Heartbeat", Heartbeat.from_json),
        ("HeartbeatAnswer", HeartbeatAnswer.from_json),
        ("HouseholdFacts", HouseholdFacts.from_json),
        ("FactsKept", FactsKept.from_json),
        ("Deletion", Deletion.from_json),
        ("KeyChange", KeyChange.from_json),
        ("KeyChanged", KeyChanged.from_json),
        ("IncidentWithdrawn", IncidentWithdrawn.from_json),
        ("WithdrawalKept", WithdrawalKept.from_json),
        ("OrderSigned", OrderSigned.from_json),
        ("OrderAnswer", OrderAnswer.from_json),
        ("StationProof", StationProof.from_json),
    ],
)
def test_the_schema_is_what_the_reader_does(
    name: str, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One source: the code that validates at run time says what its schema is."""
    for module in (documents, identity, messages, orders, origins, views, withdrawn):
        monkeypatch.setattr(module, "Node", Sketch)
    sketch = Sketch()
    read(sketch)
    said = plain(CONTRACT["components"]["schemas"][name], CONTRACT)
    if name == "EnrolmentRequest":  # what a key looks like, a key's own reader knows
        said["properties"]["public_key"] = said["properties"]["code"]
    assert said == sketch.schema()


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_example(reason: Reason) -> None:
    example = EXAMPLES[reason.value]
    assert is_valid("Problem", example)
    more = {name: example[name] for name in ("now", "path") if name in example}
    assert problem(reason, **more) == example


def test_the_contract_knows_the_same_reasons_under_the_same_status() -> None:
    schemas = CONTRACT["components"]["schemas"]
    assert set(schemas["Reason"]["enum"]) == set(Reason)
    listed = {
        (reason, status)
        for path in CONTRACT["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
        for status, response in operation["responses"].items()
        if "$ref" in response
        for reason in CONTRACT["components"]["responses"][
            response["$ref"].rsplit("/", 1)[1]
        ]["content"]["application/problem+json"]["examples"]
    }
    assert listed == {(reason.value, str(int(reason.status))) for reason in Reason}


# JSON has neither, and the schema language cannot say the rest.
UNSAYABLE = {"nul\x00", "\ud800", "0001-01-01T00:00:00+14:00"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (path, value)
        for path, value in BAD
        if not path.startswith("entries[1].body")
        and path not in {"entries[1].seq", "id"}
        and not (isinstance(value, str) and value in UNSAYABLE)
        and not (isinstance(value, float) and value != value)  # noqa: PLR0124
        and (path, value) != ("revision", 1.0)  # a whole number, says the schema
    ],
)
def test_what_the_code_refuses_the_schema_refuses(path: str, value: Any) -> None:
    data = document().as_json()
    assert is_valid("Incident", data)
    put(data, path, value)
    assert not is_valid("Incident", data)
