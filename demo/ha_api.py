"""Drive a running Home Assistant over REST and its websocket."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import itertools
import json
from typing import Any, Self

import aiohttp

type Answer = dict[str, Any]
"""An object of Home Assistant's API; its shape is only known by its command."""


class HomeAssistantError(Exception):
    """Home Assistant answered with an error."""


class FlowError(HomeAssistantError):
    """A flow did not end as expected; the flow's last answer is in `result`."""

    def __init__(self, result: Answer) -> None:
        """Keep the last answer."""
        super().__init__(json.dumps(result)[:1000])
        self.result = result


class Websocket:
    """An authenticated websocket: calls and subscriptions side by side."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Start to read."""
        self._socket = socket
        self._ids = itertools.count(1)
        self._results: dict[int, asyncio.Future[Answer]] = {}
        self._events: dict[int, asyncio.Queue[Answer]] = {}
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            item = message.json()
            if item["type"] == "event":
                if (queue := self._events.get(item["id"])) is not None:
                    queue.put_nowait(item["event"])
            elif (future := self._results.pop(item["id"], None)) is not None:
                if not future.done():
                    future.set_result(item)
        for future in self._results.values():
            if not future.done():
                future.set_exception(HomeAssistantError("websocket closed"))

    async def _send(self, number: int, command: str, data: Mapping[str, object]) -> Any:
        future = asyncio.get_running_loop().create_future()
        self._results[number] = future
        await self._socket.send_json({"id": number, "type": command, **data})
        answer = await asyncio.wait_for(future, 30)
        if not answer.get("success", True):
            raise HomeAssistantError(json.dumps(answer["error"]))
        return answer.get("result")

    async def call(self, command: str, **data: object) -> Any:
        """Send one command and return its result."""
        return await self._send(next(self._ids), command, data)

    async def subscribe(self, command: str, **data: object) -> asyncio.Queue[Answer]:
        """Subscribe and return the queue that gets the events.

        The queue exists before the command is sent: some subscriptions send
        their first event at once.
        """
        number = next(self._ids)
        queue: asyncio.Queue[Answer] = asyncio.Queue()
        self._events[number] = queue
        await self._send(number, command, data)
        return queue

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()
        await asyncio.gather(self._reader, return_exceptions=True)


def _filled_in(form: Answer) -> dict[str, object]:
    """Return what the frontend would fill in: suggestions and defaults."""
    fields: dict[str, object] = {}
    for field in form.get("data_schema") or ():
        suggested = (field.get("description") or {}).get("suggested_value")
        value = field.get("default") if suggested is None else suggested
        if value is not None:
            fields[field["name"]] = value
    return fields


class HomeAssistantApi:
    """REST and websocket access with a long-lived token."""

    def __init__(self, url: str, token: str) -> None:
        """Remember where and as whom."""
        self.url = url.rstrip("/")
        self.token = token

    async def __aenter__(self) -> Self:
        """Open the client."""
        self._client = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=aiohttp.ClientTimeout(total=60),
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close the client."""
        await self._client.close()

    async def request(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> Any:
        """Return the decoded answer; raise on a status of 400 and above."""
        async with self._client.request(method, self.url + path, json=body) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise HomeAssistantError(
                    f"{method} {path}: {answer.status} {text[:500]}"
                )
            return (
                json.loads(text) if answer.content_type == "application/json" else text
            )

    async def is_running(self) -> bool:
        """Return True once Home Assistant has started everything."""
        try:
            # One that is on its way up or down may take a request and never answer it.
            async with asyncio.timeout(5):
                config = await self.request("GET", "/api/config")
        except aiohttp.ClientError, HomeAssistantError, TimeoutError:
            return False
        return isinstance(config, dict) and config["state"] == "RUNNING"

    # --- config flows --------------------------------------------------------

    async def flow(
        self, base: str, start: Mapping[str, object], *steps: Mapping[str, object]
    ) -> Answer:
        """Go through a flow to its end; a menu wants {"next_step_id": ...}.

        A step names what a person changes in the form.
        """
        path = f"/api/config/config_entries/{base}"
        result: Answer = await self.request("POST", path, start)
        for step in steps:
            if result["type"] not in ("form", "menu"):
                raise FlowError(result)
            body = {**_filled_in(result), **step}
            result = await self.request("POST", f"{path}/{result['flow_id']}", body)
            if result.get("errors"):
                raise FlowError(result)
        if result["type"] != "create_entry":
            raise FlowError(result)
        return result

    async def create_entry(self, handler: str, *steps: Mapping[str, object]) -> str:
        """Go through a config flow and return the entry's id."""
        result = await self.flow("flow", {"handler": handler}, *steps)
        entry_id: str = result["result"]["entry_id"]
        return entry_id

    async def create_subentry(
        self, entry_id: str, kind: str, *steps: Mapping[str, object]
    ) -> None:
        """Go through a subentry's flow."""
        await self.flow("subentries/flow", {"handler": [entry_id, kind]}, *steps)

    # --- states and actions --------------------------------------------------

    async def state(self, entity_id: str) -> Answer | None:
        """Return a state, None if the entity does not exist."""
        try:
            state: Answer = await self.request("GET", f"/api/states/{entity_id}")
        except HomeAssistantError:
            return None
        return state

    async def action(self, name: str, **data: object) -> None:
        """Call an action and wait for it."""
        await self.request("POST", f"/api/services/{name.replace('.', '/')}", data)

    async def ask(self, name: str, **data: object) -> Answer:
        """Call an action that answers, and return its answer."""
        path = f"/api/services/{name.replace('.', '/')}?return_response"
        answer: Answer = (await self.request("POST", path, data))["service_response"]
        return answer

    # --- websocket -----------------------------------------------------------

    @asynccontextmanager
    async def websocket(self) -> AsyncIterator[Websocket]:
        """Connect and log in."""
        async with self._client.ws_connect(
            self.url + "/api/websocket", max_msg_size=0, heartbeat=30
        ) as socket:
            await socket.receive_json()  # auth_required
            await socket.send_json({"type": "auth", "access_token": self.token})
            if (answer := await socket.receive_json())["type"] != "auth_ok":
                raise HomeAssistantError(json.dumps(answer))
            connection = Websocket(socket)
            try:
                yield connection
            finally:
                await connection.close()
