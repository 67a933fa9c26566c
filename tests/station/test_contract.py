"""The station against its contract: whatever is sent, the answer is one that it promises.

schemathesis makes requests from the document that the station itself serves, sound ones
and unsound ones, each signed like a home's.
"""

import asyncio
from http import HTTPStatus
from pathlib import Path
import secrets
import time
from typing import Any
from uuid import uuid7

from homeassistant.core import HomeAssistant

from hypothesis import HealthCheck, Phase, given, settings
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import requests
import schemathesis
from schemathesis.specs.openapi import checks as conformance
from yarl import URL

from custom_components.zhian.link.signatures import Key, sign
from custom_components.zhian.station import Station, contract

from .conftest import API, Home

DOCS = Path(__file__).parents[2] / "docs" / "openapi.yaml"
EXAMPLES = 12
"""Requests of each kind for each operation; all of it within a minute."""
SIGNATURE = {"Signature-Input", "Signature", "Content-Digest"}


class Signer(requests.auth.AuthBase):  # type: ignore[misc]
    """Signs what is really sent, as a home or as somebody who wants to be one."""

    def __init__(self, key: Key, household: str) -> None:
        """Keep the home's key."""
        self._key = key
        self._household = household

    def __call__(self, request: Any) -> Any:
        """Add the headers of the signature to a prepared request."""
        url = URL(request.url, encoded=True)
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        enrols = url.path.endswith("/enrolments")
        headers = sign(
            self._key,
            keyid=self._key.public if enrols else self._household,
            method=request.method,
            authority=url.host_port_subcomponent or "",
            path=url.raw_path,
            query=url.raw_query_string,
            body=body,
            content_type="application/json",
            created=int(time.time()),
            nonce=secrets.token_urlsafe(18),
        )
        request.headers.update(headers)
        return request


def without_signatures(document: Any) -> Any:
    """Return the contract without the headers that the signer adds."""
    if isinstance(document, list):
        return [
            without_signatures(item)
            for item in document
            if not (
                isinstance(item, dict)
                and str(item.get("$ref", "")).rsplit("/", 1)[-1]
                in {name.replace("-", "") for name in SIGNATURE}
            )
        ]
    if isinstance(document, dict):
        return {
            name: without_signatures(member)
            for name, member in document.items()
            if name not in {"securitySchemes", "security"}
        }
    return document


def fit(case: Any) -> None:
    """Set what the schema's language cannot say of an incident."""
    if case.operation.label != "PUT /incidents/{incident}":
        return
    document = case.body
    document["id"] = case.path_parameters["incident"]
    document["revision"] = max(int(document["revision"]), len(document["entries"]))
    for seq, entry in enumerate(
        document["entries"], document["revision"] - len(document["entries"]) + 1
    ):
        entry["seq"] = seq
    document["home"] |= {"latitude": None, "longitude": None}


def try_everything(
    document: Any, url: str, mode: Any, auth: Any, seen: list[tuple[str, int]]
) -> None:
    """Send requests for every operation; raises on the first answer that is not kept."""
    wanted = [
        schemathesis.checks.not_a_server_error,
        conformance.status_code_conformance,
        conformance.content_type_conformance,
        conformance.response_headers_conformance,
        conformance.response_schema_conformance,
    ]
    schema = schemathesis.openapi.from_dict(document)
    for result in schema.get_all_operations():
        operation = result.ok()
        if mode is not schemathesis.GenerationMode.POSITIVE and not operation.body:
            continue  # an address that is none never reaches the station

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Any) -> None:
            if mode is schemathesis.GenerationMode.POSITIVE:
                fit(case)
            elif case.path_parameters:
                # Home Assistant itself turns away what looks like an attack.
                case.path_parameters |= dict.fromkeys(
                    case.path_parameters, str(uuid7())
                )
            response = case.call(base_url=url, auth=auth, timeout=20)
            seen.append((case.operation.path, response.status_code))
            case.validate_response(response, checks=wanted)

        send()


@pytest.fixture
async def served(station: Station, home: Home) -> Any:
    """Return the contract that the running station serves."""
    response = await home.client.get(f"{API}/openapi.json")
    assert response.status == HTTPStatus.OK
    return without_signatures(await response.json())


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
@pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "unsigned"])
async def test_every_answer_is_one_that_the_contract_promises(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    served: Any,
    mode: str,
    is_signed: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Never a 5xx, never a status, a body or a header that it does not name."""
    assert home.household is not None
    seen: list[tuple[str, int]] = []
    async with asyncio.timeout(120):
        await hass.async_add_executor_job(
            try_everything,
            served,
            str(home.client.make_url(API)),
            schemathesis.GenerationMode[mode],
            Signer(home.key, home.household) if is_signed else None,
            seen,
        )
    statuses = {status for _, status in seen}
    assert max(statuses) < 500
    if is_signed and mode == "POSITIVE":
        reported = {status for path, status in seen if path == "/incidents/{incident}"}
        assert HTTPStatus.OK in reported  # documents, not only refusals
        assert ("/stream", HTTPStatus.UPGRADE_REQUIRED) in seen
    elif not is_signed:
        assert not station.cases.open
    assert "Traceback" not in caplog.text


async def test_without_a_station_there_is_no_contract(
    prepared: MockConfigEntry, stranger: Home
) -> None:
    """Views stay for ever, the station comes and goes."""
    response = await stranger.client.get(f"{API}/openapi.json")
    assert response.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.content_type == "application/problem+json"


async def test_the_contract_is_served_as_it_lies_in_the_documentation(
    station: Station, home: Home
) -> None:
    """The packaged copy is the page that people read."""
    assert contract.PATH.read_bytes() == DOCS.read_bytes()
    response = await home.client.get(f"{API}/openapi.yaml")
    assert response.content_type == "application/yaml"
    assert await response.read() == DOCS.read_bytes()
    other = await home.client.get(f"{API}/openapi.html")
    assert other.status == HTTPStatus.NOT_FOUND
