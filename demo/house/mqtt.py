"""The house on the broker: announces, reports and obeys as Zigbee2MQTT would."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import json
import logging
import socket
import time
from typing import Final

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from . import phone
from .devices import (
    BASE,
    CONTROLS,
    DEVICES,
    DIARY,
    GAS_DETECTOR,
    GAS_VALVE,
    HUB_STATE,
    JSON,
    Device,
    command,
    command_control,
)
from .physics import House

TICK: Final = 0.05
REPEAT: Final = 1.0
"""Seconds after which a device repeats its state, changed or not."""
NUMBERS: Final = 0.25
"""Seconds between two reports of which only a number is new."""

BIRTH: Final = "homeassistant/status"

_LOGGER = logging.getLogger(__name__)


class Link:
    """One connection to the broker, with its own thread and its own last will.

    Messages are handed to the event loop that made it.
    """

    def __init__(
        self,
        port: int,
        topics: tuple[str, ...],
        receive: Callable[[str, str], None],
        will: str | None = None,
    ) -> None:
        """Connect in the background and stay connected."""
        self._loop = asyncio.get_running_loop()
        self._topics = topics
        self._receive = receive
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_socket_open = self._on_socket_open
        self._client.reconnect_delay_set(1, 2)
        if will is not None:
            self._client.will_set(will, "offline", qos=1, retain=True)
        self._client.connect_async("127.0.0.1", port, keepalive=10)
        self._client.loop_start()

    @staticmethod
    def _on_socket_open(client: Client, user: object, sock: object) -> None:
        """Send small messages at once: Nagle's algorithm costs 40 ms here."""
        if isinstance(sock, socket.socket):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_connect(
        self,
        client: Client,
        user: object,
        flags: ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        for topic in self._topics:
            client.subscribe(topic, qos=1)
        self._loop.call_soon_threadsafe(self._receive, "", "connected")

    def _on_message(self, client: Client, user: object, message: MQTTMessage) -> None:
        text = message.payload.decode(errors="replace")
        self._loop.call_soon_threadsafe(self._receive, message.topic, text)

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publish; retained messages are confirmed by the broker, others are not."""
        self._client.publish(topic, payload, qos=1 if retain else 0, retain=retain)

    def cut(self) -> None:
        """Lose the connection without a farewell; the broker speaks the last will."""
        self._client.loop_stop()
        if isinstance(sock := self._client.socket(), socket.socket):
            sock.close()

    def close(self) -> None:
        """Say goodbye and disconnect."""
        self._client.disconnect()
        self._client.loop_stop()


@dataclass(slots=True)
class _Report:
    """What a device said last."""

    at: float
    body: dict[str, JSON]

    def is_due(self, body: dict[str, JSON], now: float) -> bool:
        """Return True if the device has to speak again."""
        if body == self.body:
            return now - self.at >= REPEAT
        words = {key for key, value in body.items() if not _is_number(value)}
        return now - self.at >= NUMBERS or any(
            body[key] != self.body.get(key) for key in words
        )


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class HouseOnMqtt:
    """The running house."""

    def __init__(self, house: House, port: int) -> None:
        """Keep the house and the broker's port."""
        self._house = house
        self._port = port
        self._phone = phone.Phone()
        self._reports: dict[str, _Report] = {}
        self._availability: dict[str, str] = {}
        self._hub: Link | None = None

    async def run(self) -> None:
        """Run until cancelled."""
        self._hand = Link(
            self._port,
            (
                f"{BASE}/controls/set/+",
                phone.MESSAGES,
                phone.ACKNOWLEDGE,
                BIRTH,
            ),
            self._on_hand,
        )
        self._switch_on()
        try:
            last = time.monotonic()
            while True:
                await asyncio.sleep(TICK)
                now = time.monotonic()
                self._house.advance(min(now - last, 1.0))
                last = now
                self._speak(now)
        finally:
            if self._hub is not None:
                self._hub.publish(HUB_STATE, "offline", retain=True)
                self._hub.close()
            self._hand.close()

    # --- the hub's power -----------------------------------------------------

    def _switch_on(self) -> None:
        if self._hub is None:
            topics = tuple(device.set_topic for device in DEVICES)
            self._hub = Link(self._port, topics, self._on_hub, will=HUB_STATE)

    def _switch_off(self) -> None:
        if self._hub is not None:
            self._hub.cut()
            self._hub = None

    # --- what the house says ---------------------------------------------------

    def _announce(self, link: Link, *devices: Device) -> None:
        for device in devices:
            for topic, payload in device.discovery().items():
                link.publish(topic, payload, retain=True)

    def _speak(self, now: float) -> None:
        """Publish what is due."""
        if self._hub is not None:
            for device in DEVICES:
                is_dead = device is GAS_DETECTOR and self._house.detector.dead
                self._say_available(self._hub, device, not is_dead)
                if not is_dead:
                    self._say(self._hub, device, device.report(self._house), now)
        power: dict[str, JSON] = {"power_cut": "OFF" if self._hub else "ON"}
        for device, body in (
            (CONTROLS, CONTROLS.report(self._house) | power),
            (phone.DEVICE, self._phone.report()),
        ):
            self._say_available(self._hand, device, True)
            self._say(self._hand, device, body, now)

    def _say(
        self, link: Link, device: Device, body: dict[str, JSON], now: float
    ) -> None:
        before = self._reports.get(device.node)
        if before is not None and not before.is_due(body, now):
            return
        self._reports[device.node] = _Report(now, body)
        link.publish(device.state_topic, json.dumps(body))
        if device is GAS_DETECTOR and body["gas"]:
            if before is not None and not before.body["gas"]:
                self._note("alarm", device.node)
        if device is GAS_VALVE and before is not None:
            if body["state"] != before.body["state"]:
                self._note("moved", device.node, str(body["state"]))

    def _say_available(self, link: Link, device: Device, is_online: bool) -> None:
        word = "online" if is_online else "offline"
        if self._availability.get(device.node) != word:
            self._availability[device.node] = word
            link.publish(device.availability_topic, word, retain=True)

    def _note(self, what: str, node: str, payload: str = "") -> None:
        """Write down what happened, with the time of this machine's clock."""
        entry = {"at": time.time(), "what": what, "node": node, "payload": payload}
        self._hand.publish(DIARY, json.dumps(entry))

    def _forget(self) -> None:
        """Say everything again in the next tick."""
        self._reports.clear()
        self._availability.clear()

    # --- what the house hears --------------------------------------------------

    def _on_hub(self, topic: str, payload: str) -> None:
        if self._hub is None:
            return
        if payload == "connected" and not topic:
            self._announce(self._hub, *DEVICES)
            self._hub.publish(HUB_STATE, "online", retain=True)
            self._forget()
            return
        node = topic.removeprefix(f"{BASE}/").removesuffix("/set")
        if node not in {device.node for device in DEVICES}:
            return  # a broker that delivers what nobody subscribed to
        self._note("command", node, payload)
        try:
            command(self._house, node, payload)
        except ValueError, KeyError, TypeError:
            _LOGGER.warning("%s did not understand %r", node, payload)

    def _on_hand(self, topic: str, payload: str) -> None:
        match topic.removeprefix(f"{BASE}/").split("/"):
            case [""] if payload == "connected":
                self._announce(self._hand, CONTROLS, phone.DEVICE)
                self._forget()
            case ["controls", "set", "power_cut"]:
                if payload == "ON":
                    self._switch_off()
                else:
                    self._switch_on()
            case ["controls", "set", key]:
                command_control(self._house, key, payload)
                self._note("control", key, payload)
            case ["phone", "message"]:
                self._phone.messages.append(payload)
                self._note("message", "phone", payload)
            case ["phone", "acknowledge"]:
                self._hand.publish(phone.ANSWERS, '{"event_type": "acknowledge"}')
            case ["homeassistant", "status"] if payload == "online":
                self._forget()
