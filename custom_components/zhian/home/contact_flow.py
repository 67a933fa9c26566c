"""Adding and changing a contact: a person and the ways to reach them, in order."""

from dataclasses import replace
from typing import Final

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER
from homeassistant.components.notify.const import (
    DOMAIN as NOTIFY,
    SERVICE_PERSISTENT_NOTIFICATION,
    SERVICE_SEND_MESSAGE,
)
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol

from ..link.addresses import AddressFault, BadAddress, station_origin
from ..number_field import NumberField
from ..safety.vocabulary import ContactRole
from .candidates import find
from .channels import TTS
from .contact_options import ChannelKind, ChannelOptions, ContactOptions, WebhookProof
from .subentry_flow import Errors, HomeSubentryFlow, Input, name_of, text

CONF_CHANNELS: Final = "channels"
CONF_CONFIDANT: Final = "confidant"
CONF_CRITICAL: Final = "critical"
CONF_IGNITION_SAFE: Final = "ignition_safe"
CONF_ORDER: Final = "order"
CONF_PLAYER: Final = "player"
CONF_PROOF: Final = "proof"
CONF_ROLE: Final = "role"
CONF_SECRET: Final = "secret"
CONF_TARGET: Final = "target"
CONF_VOICE: Final = "voice"

MAX_ORDER: Final = 9

# These reach nobody by themselves; the notification in Home Assistant is always made.
_NOT_PEOPLE: Final = frozenset({SERVICE_PERSISTENT_NOTIFICATION, SERVICE_SEND_MESSAGE})


class ContactFlow(HomeSubentryFlow):
    """Choose whom to tell, then how, in the order in which it is tried."""

    _contact: ContactOptions
    _channels: list[ChannelOptions]

    async def async_step_user(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask for the person and their place on the ladder."""
        errors: Errors = {}
        if user_input is not None:
            before = ContactOptions.from_mapping(self._before)
            self._contact = ContactOptions(
                name=name_of(user_input, errors),
                role=ContactRole(user_input[CONF_ROLE]),
                order=int(user_input[CONF_ORDER]),
                confidant=user_input.get(CONF_CONFIDANT, False),
            )
            self._channels = list(before.channels)
            if not errors:
                return await self.async_step_channels()
        return self._form(
            self._first_step,
            {
                vol.Required(CONF_NAME): TextSelector(),
                vol.Required(
                    CONF_ROLE, default=ContactRole.RESIDENT.value
                ): SelectSelector(
                    SelectSelectorConfig(
                        options=[*ContactRole], translation_key="contact_role"
                    )
                ),
                vol.Required(CONF_ORDER, default=1): NumberField(
                    NumberSelectorConfig(
                        min=1, max=MAX_ORDER, mode=NumberSelectorMode.BOX
                    )
                ),
                vol.Optional(CONF_CONFIDANT, default=False): BooleanSelector(),
            },
            user_input if user_input is not None else self._before,
            errors,
            is_last=False,
        )

    async_step_reconfigure = async_step_user

    async def async_step_channels(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Offer to add a channel, and to finish once there is one."""
        menu = ["notify", "speaker", "webhook"]
        if self._channels:
            menu += ["arrange", "finish"]
        return self.async_show_menu(
            step_id="channels",
            menu_options=menu,
            description_placeholders={
                "name": self._contact.name,
                "channels": "\n".join(
                    f"{number}. {label}"
                    for number, label in enumerate(self._names().values(), 1)
                )
                or "-",
            },
        )

    async def async_step_notify(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Add a phone, or another notify action or entity."""
        errors: Errors = {}
        if user_input is not None:
            target = text(user_input, CONF_TARGET, errors)
            if not errors and not target_exists(self.hass, target):
                errors[CONF_TARGET] = "target_not_found"
            channel = ChannelOptions.notify(target, critical=user_input[CONF_CRITICAL])
            if self._add(channel, CONF_TARGET, errors):
                return await self.async_step_channels()
        return self._form(
            "notify",
            {
                vol.Required(CONF_TARGET): target_selector(self.hass),
                vol.Required(CONF_CRITICAL, default=True): BooleanSelector(),
            },
            user_input or {},
            errors,
            is_last=False,
        )

    async def async_step_speaker(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Add a voice on a speaker."""
        errors: Errors = {}
        if user_input is not None:
            for key in (CONF_VOICE, CONF_PLAYER):
                if find(self.hass, user_input[key]) is None:
                    errors[key] = "entity_not_found"
            channel = ChannelOptions(
                ChannelKind.TTS,
                user_input[CONF_VOICE],
                player=user_input[CONF_PLAYER],
                ignition_safe=user_input[CONF_IGNITION_SAFE],
            )
            if self._add(channel, CONF_PLAYER, errors):
                return await self.async_step_channels()
        return self._form(
            "speaker",
            {
                vol.Required(CONF_VOICE): EntitySelector(
                    EntitySelectorConfig(domain=TTS)
                ),
                vol.Required(CONF_PLAYER): EntitySelector(
                    EntitySelectorConfig(domain=MEDIA_PLAYER)
                ),
                vol.Required(CONF_IGNITION_SAFE, default=False): BooleanSelector(),
            },
            user_input or {},
            errors,
            is_last=False,
        )

    async def async_step_webhook(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Add a gateway."""
        errors: Errors = {}
        if user_input is not None:
            url = text(user_input, CONF_URL, errors)
            if not errors:
                errors |= address_errors(url)
            channel = ChannelOptions(
                ChannelKind.WEBHOOK,
                url,
                secret=text(user_input, CONF_SECRET, errors),
                proof=WebhookProof(user_input[CONF_PROOF]),
            )
            if self._add(channel, CONF_URL, errors):
                return await self.async_step_channels()
        return self._form(
            "webhook",
            {
                vol.Required(CONF_URL): TextSelector(
                    TextSelectorConfig(type=TextSelectorType.URL)
                ),
                vol.Required(
                    CONF_PROOF, default=WebhookProof.SIGNATURE.value
                ): SelectSelector(
                    SelectSelectorConfig(
                        options=[*WebhookProof], translation_key="webhook_proof"
                    )
                ),
                vol.Required(CONF_SECRET): TextSelector(
                    TextSelectorConfig(type=TextSelectorType.PASSWORD)
                ),
            },
            user_input or {},
            errors,
            is_last=False,
        )

    async def async_step_arrange(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Keep the chosen channels, in the order in which they were chosen."""
        labels = self._labels()
        errors: Errors = {}
        if user_input is not None:
            chosen: list[str] = user_input[CONF_CHANNELS]
            if chosen:
                self._channels = [self._channels[labels.index(c)] for c in chosen]
                return await self.async_step_channels()
            errors[CONF_CHANNELS] = "channels_missing"
        return self._form(
            "arrange",
            {
                vol.Required(CONF_CHANNELS): SelectSelector(
                    SelectSelectorConfig(
                        options=[
                            SelectOptionDict(value=label, label=name)
                            for label, name in self._names().items()
                        ],
                        multiple=True,
                        mode=SelectSelectorMode.DROPDOWN,
                    )
                )
            },
            user_input or {CONF_CHANNELS: labels},
            errors,
            is_last=False,
        )

    async def async_step_finish(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Keep the contact."""
        return self._finish(replace(self._contact, channels=tuple(self._channels)))

    def _labels(self) -> list[str]:
        return [channel.label for channel in self._channels]

    def _names(self) -> dict[str, str]:
        """Return the channels by their labels, an entity with the name it goes by."""
        return {
            label: f"{state.name} ({label})"
            if (state := self.hass.states.get(label)) is not None
            else label
            for label in self._labels()
        }

    def _add(self, channel: ChannelOptions, key: str, errors: Errors) -> bool:
        """Add a channel unless something is wrong with it."""
        if not errors and self._is_bound(channel):
            errors[key] = "target_already_bound"
        if not errors:
            self._channels.append(channel)
        return not errors

    def _is_bound(self, channel: ChannelOptions) -> bool:
        """Whether a channel is there already; a gateway serves several people."""
        if channel.label in self._labels():
            return True
        own = self._reconfigure_subentry_id if self._is_reconfigure else None
        return channel.kind is not ChannelKind.WEBHOOK and any(
            other.label == channel.label
            for contact in self._get_entry().get_subentries_of_type(self._subentry_type)
            if contact.subentry_id != own
            for other in ContactOptions.from_mapping(contact.data).channels
        )


def address_errors(url: str) -> Errors:
    """Return what is wrong with a gateway's address: plain http stays at home."""
    try:
        station_origin(url, allow_http=True)
    except BadAddress as error:
        is_public = error.fault is AddressFault.HTTP_TO_PUBLIC
        return {CONF_URL: "http_to_public" if is_public else "url_invalid"}
    return {}


def targets(hass: HomeAssistant) -> dict[str, str]:
    """Return the notify actions and entities that can reach a person, with names.

    An action comes before an entity: only an action can carry a critical alert.
    """
    actions = {
        f"{NOTIFY}.{service}": f"{NOTIFY}.{service}"
        for service in sorted(hass.services.async_services_for_domain(NOTIFY))
        if service not in _NOT_PEOPLE
    }
    entities = {
        state.entity_id: f"{state.name} ({state.entity_id})"
        for state in sorted(
            hass.states.async_all(NOTIFY), key=lambda state: state.entity_id
        )
    }
    return actions | entities


def target_exists(hass: HomeAssistant, target: str) -> bool:
    """Return whether a notify action or entity with this name is there."""
    return target in targets(hass) or (
        target.startswith(f"{NOTIFY}.") and find(hass, target) is not None
    )


def target_selector(hass: HomeAssistant, *, multiple: bool = False) -> SelectSelector:
    """Return a choice of what can reach a person; others can be typed."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=value, label=label)
                for value, label in targets(hass).items()
            ],
            multiple=multiple,
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def contact_name(hass: HomeAssistant, target: str) -> str:
    """Return a first name for a contact, from the phone's or the entity's."""
    if candidate := find(hass, target):
        return candidate.name
    action = target.removeprefix(f"{NOTIFY}.").removeprefix("mobile_app_")
    return action.replace("_", " ").strip().capitalize() or target
