"""The people of a home as its config entry keeps them: who they are, how to reach them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Self

from ..safety.ladder import PATIENCE, REPEAT, Contact as Told, Ladder
from ..safety.vocabulary import ContactRole

MOBILE_APP: Final = "notify.mobile_app_"
"""How the actions of phones with the companion app begin."""


class ChannelKind(StrEnum):
    """The ways to a person."""

    MOBILE_APP = "mobile_app"
    """A phone with the companion app, which can ring through silence."""
    NOTIFY = "notify"
    """Any other notify action or notify entity."""
    TTS = "tts"
    """A voice on a speaker."""
    WEBHOOK = "webhook"
    """A gateway that sends text messages or calls."""


class WebhookProof(StrEnum):
    """How a gateway knows that a message is ours."""

    SIGNATURE = "signature"
    """An HMAC of time and body: the secret itself stays at home."""
    BEARER = "bearer"
    """The secret in the Authorization header, for gateways that want a key."""


@dataclass(frozen=True, slots=True)
class ChannelOptions:
    """One way to one person.

    `target` is the notify action or entity, the voice, or the address of the gateway.
    """

    kind: ChannelKind
    target: str
    critical: bool = True
    player: str | None = None
    ignition_safe: bool = False
    secret: str = field(default="", repr=False)
    proof: WebhookProof = WebhookProof.SIGNATURE

    @classmethod
    def notify(cls, target: str, *, critical: bool = True) -> Self:
        """Return the channel of a notify action or entity."""
        is_phone = target.startswith(MOBILE_APP)
        kind = ChannelKind.MOBILE_APP if is_phone else ChannelKind.NOTIFY
        return cls(kind, target, critical)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read one item of a contact's channels."""
        return cls(
            kind=ChannelKind(data["kind"]),
            target=data["target"],
            critical=data.get("critical", True),
            player=data.get("player"),
            ignition_safe=data.get("ignition_safe", False),
            secret=data.get("secret", ""),
            proof=WebhookProof(data.get("proof", WebhookProof.SIGNATURE)),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the JSON of the channel: what its kind needs."""
        data: dict[str, Any] = {"kind": self.kind.value, "target": self.target}
        match self.kind:
            case ChannelKind.MOBILE_APP:
                data["critical"] = self.critical
            case ChannelKind.TTS:
                data |= {"player": self.player, "ignition_safe": self.ignition_safe}
            case ChannelKind.WEBHOOK:
                data |= {"secret": self.secret, "proof": self.proof.value}
        return data

    @property
    def label(self) -> str:
        """What people call the channel; a gateway's address may hold a key."""
        match self.kind:
            case ChannelKind.TTS:
                return self.player or self.target
            case ChannelKind.WEBHOOK:
                return self.target.partition("?")[0]
            case _:
                return self.target


@dataclass(frozen=True, slots=True)
class ContactOptions:
    """A person to tell, and the channels to them, the best first."""

    name: str
    channels: tuple[ChannelOptions, ...] = ()
    role: ContactRole = ContactRole.RESIDENT
    order: int = 1
    confidant: bool = False
    """Whether they are told of a silent call."""

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the data of a subentry `contact`."""
        channels = tuple(map(ChannelOptions.from_mapping, data.get("channels", ())))
        return cls(
            name=data.get("name") or (channels[0].label if channels else "-"),
            channels=channels,
            role=ContactRole(data.get("role", ContactRole.RESIDENT)),
            order=int(data.get("order", 1)),
            confidant=data.get("confidant", False),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the JSON of the subentry."""
        return {
            "name": self.name,
            "role": self.role.value,
            "order": self.order,
            "channels": [channel.as_data() for channel in self.channels],
            **({"confidant": True} if self.confidant else {}),
        }

    def named_channels(self) -> Iterator[tuple[str, ChannelOptions]]:
        """Yield the channels with what the timeline calls them: no personal data."""
        seen: Counter[ChannelKind] = Counter()
        for channel in self.channels:
            seen[channel.kind] += 1
            count = seen[channel.kind]
            yield channel.kind if count == 1 else f"{channel.kind}_{count}", channel


def ladder_of(
    settings: Mapping[str, Any] | None, contacts: Iterable[tuple[str, ContactOptions]]
) -> Ladder:
    """Return the ladder of a home: its time-outs in seconds, and its people by id."""
    chosen = settings or {}
    return Ladder(
        tuple(
            Told(id_, person.role, person.order, person.confidant)
            for id_, person in contacts
        ),
        {
            role: timedelta(seconds=chosen.get(role, patience.total_seconds()))
            for role, patience in PATIENCE.items()
        },
        timedelta(seconds=chosen.get("repeat", REPEAT.total_seconds())),
    )
