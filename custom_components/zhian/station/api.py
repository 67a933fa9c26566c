"""The station's HTTP interface: thin views over the intake.

Home Assistant's own login plays no part; every request carries the home's signature.
Views cannot be taken back, so that they are registered once and look for the station
at every request. A refusal is an answer, never an exception: an exception would count
as a failed login and ban an estate that shares one address.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from aiohttp import web

from ..link.problems import CONTENT_TYPE, Reason, problem
from ..link.wire_json import JSON, MAX_BYTES
from ..store.errors import StoreError
from . import Station, async_find_station, contract
from .intake import Request
from .refused import Refused
from .registry import Household

API: Final = "/api/zhian/v1"
READ_SECONDS: Final = 10
"""A body that takes longer holds a connection for nothing."""


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Register the views, once per Home Assistant."""
    for view in (
        EnrolmentsView(),
        IncidentView(),
        WithdrawalView(),
        HeartbeatsView(),
        StreamView(),
        KeyView(),
        HouseholdView(),
        OrderView(),
        IdentityView(),
        ContractView(),
    ):
        hass.http.register_view(view)


class _SignedView(HomeAssistantView):
    """A view for homes."""

    requires_auth = False
    cors_allowed = False
    max_body_size = MAX_BYTES

    async def _from_household(
        self, request: web.Request
    ) -> tuple[Station, Household, bytes]:
        """Return the station, the proven household and the body; raises Refused."""
        station = _station(request)
        claim = _request(request)
        signed, household = station.intake.sender(claim)
        body = await _body(request)
        station.intake.verify(claim, signed, household, body)
        return station, household, body


class EnrolmentsView(_SignedView):
    """A home becomes a household of the community."""

    url = f"{API}/enrolments"
    name = "api:zhian:enrolments"

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Enrol with a pairing code."""
        try:
            station = _station(request)
            body = await _body(request)
            enrolment = await station.enrol(_request(request), body)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(enrolment.as_json(), HTTPStatus.CREATED)


class IncidentView(_SignedView):
    """An incident of a household."""

    url = f"{API}/incidents/{{incident}}"
    name = "api:zhian:incident"

    async def put(self, request: web.Request, incident: str) -> web.StreamResponse:
        """Take the incident as it stands; answered when it is on disk."""
        try:
            station, household, body = await self._from_household(request)
            answer = await station.intake.put_incident(household, incident, body)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(answer.as_json())

    async def get(self, request: web.Request, incident: str) -> web.StreamResponse:
        """Tell what the station has done about it."""
        try:
            station, household, _ = await self._from_household(request)
            view = await station.intake.get_incident(household, incident)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(view.as_json())


class WithdrawalView(_SignedView):
    """An incident that a station below has passed on and stands for no more."""

    url = f"{API}/incidents/{{incident}}/withdrawal"
    name = "api:zhian:withdrawal"

    async def put(self, request: web.Request, incident: str) -> web.StreamResponse:
        """Take it back; answered when that is on disk."""
        try:
            station, household, body = await self._from_household(request)
            answer = await station.intake.withdraw_incident(household, incident, body)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(answer.as_json())


class HeartbeatsView(_SignedView):
    """A home is still there."""

    url = f"{API}/heartbeats"
    name = "api:zhian:heartbeats"

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Take a heartbeat."""
        try:
            station, household, body = await self._from_household(request)
            answer = station.intake.heartbeat(household, body)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(answer.as_json())


class KeyView(_SignedView):
    """A home's key."""

    url = f"{API}/key"
    name = "api:zhian:key"

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Take a new one, signed with the one before."""
        try:
            station = _station(request)
            claim = _request(request)
            signed, household = station.intake.sender(claim)
            body = await _body(request)
            verified = station.intake.verify(claim, signed, household, body)
            answer = await station.intake.change_key(household, verified, body)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(answer.as_json())


class HouseholdView(_SignedView):
    """What the station knows of a home, and whether it is to know anything."""

    url = f"{API}/household"
    name = "api:zhian:household"

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Take the facts and the consents as they stand."""
        try:
            station, household, body = await self._from_household(request)
            answer = await station.intake.put_household(household, body)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(answer.as_json())

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Delete the household, also one that is served no more."""
        try:
            station = _station(request)
            claim = _request(request)
            challenge = request.query.get("challenge", "")
            signed, household = station.intake.sender_of_deletion(claim, challenge)
            station.intake.verify(claim, signed, household, await _body(request))
            answer = await station.intake.delete_household(household, challenge)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(answer.as_json())


class OrderView(_SignedView):
    """An order that was given to a station below."""

    url = f"{API}/orders/{{order}}"
    name = "api:zhian:order"

    async def put(self, request: web.Request, order: str) -> web.StreamResponse:
        """Take who has signed for it."""
        try:
            station, household, body = await self._from_household(request)
            answer = await station.intake.sign_order(household, order, body)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(answer.as_json())


class StreamView(_SignedView):
    """A home's line to the station: heartbeats up, news down."""

    url = f"{API}/stream"
    name = "api:zhian:stream"

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Be the line until it ends."""
        try:
            station, household, _ = await self._from_household(request)
            return await station.lines.serve(request, household)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)


class IdentityView(HomeAssistantView):
    """Who answers here: asked by a home before it says anything. Nothing is secret."""

    requires_auth = False
    cors_allowed = False
    url = f"{API}/identity"
    name = "api:zhian:identity"

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Prove that it is this station."""
        try:
            station = _station(request)
            proof = station.prove(request.host, request.query.get("challenge", ""))
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return _answer(proof.as_json())


class ContractView(HomeAssistantView):
    """The contract itself: what a home may send and what it gets. Nothing is secret."""

    requires_auth = False
    cors_allowed = True
    url = f"{API}/openapi.{{form:json|yaml}}"
    name = "api:zhian:contract"

    async def get(self, request: web.Request, form: str) -> web.StreamResponse:
        """Return it as JSON or YAML."""
        try:
            _station(request)
            text = await contract.async_read(request.app[KEY_HASS], form)
        except (Refused, StoreError) as err:
            return await _refuse(request, err)
        return web.Response(body=text, content_type=f"application/{form}")


def _station(request: web.Request) -> Station:
    if (station := async_find_station(request.app[KEY_HASS])) is None:
        raise Refused(Reason.NOT_READY)
    return station


def _request(request: web.Request) -> Request:
    return Request(
        method=request.method,
        authority=request.host,
        target=request.raw_path,
        headers=request.headers,
        address=request.remote or "",
    )


async def _body(request: web.Request) -> bytes:
    """Read the body, never more of it than a document may have."""
    if (request.content_length or 0) > MAX_BYTES:
        raise Refused(Reason.TOO_LARGE)
    if "Content-Encoding" in request.headers:
        # What is signed is what was sent, and a small body can unpack into a large.
        raise Refused(Reason.BAD_DOCUMENT, "packed")
    if request.content_length is not None and request.content.is_eof():
        return request.content.read_nowait()  # all there, as nearly always
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise Refused(Reason.TOO_LARGE)
    except TimeoutError as err:
        raise Refused(Reason.BAD_DOCUMENT, "cut off") from err
    return bytes(body)


def _answer(
    result: Mapping[str, JSON], status: HTTPStatus = HTTPStatus.OK
) -> web.Response:
    return HomeAssistantView.json(result, status)


async def _refuse(
    request: web.Request, error: Refused | StoreError
) -> web.StreamResponse:
    """Answer with a problem document; hang up on a body that is not worth reading.

    The server would go on to unpack it, and write a traceback into the log for whoever
    sends rubbish.
    """
    response = _problem(error)
    if "Content-Encoding" in request.headers:
        response.force_close()
        await response.prepare(request)
        await response.write_eof()
        request.protocol.force_close()
    return response


def _problem(error: Refused | StoreError) -> web.Response:
    """Return a refusal as a problem document."""
    if isinstance(error, StoreError):  # full disk, closing: the home tries again
        error = Refused(Reason.NOT_READY)
    reason = error.reason
    status = HTTPStatus.BAD_REQUEST if reason is Reason.BAD_DOCUMENT else reason.status
    headers = {}
    if (wait := error.more.get("retry_after")) is not None:
        headers["Retry-After"] = str(wait)
    if reason is Reason.UPGRADE_REQUIRED:
        headers["Upgrade"] = "websocket"
    response = HomeAssistantView.json(
        problem(reason, status, error.detail, **error.more),
        status,
        headers,
    )
    response.content_type = CONTENT_TYPE
    return response
