"""What a person does about an incident, with one press."""

from homeassistant.components.button import ButtonEntity
from homeassistant.const import EntityCategory

from ..safety.orders import Tell
from ..safety.vocabulary import Message
from .entity import HomeEntity
from .guard import Guard
from .options import HomeOptions
from .people import People
from .requests import acknowledge, reset


class AcknowledgeButton(HomeEntity, ButtonEntity):
    """Says that somebody has taken every open incident."""

    def __init__(self, guard: Guard, options: HomeOptions) -> None:
        """Make the button."""
        super().__init__(guard, options, "acknowledge")

    async def async_press(self) -> None:
        """Take the incidents."""
        await acknowledge(self.hass, self._guard, self._context, None, "button")


class ResetButton(HomeEntity, ButtonEntity):
    """Ends the latch of every open incident, for a person at home."""

    def __init__(self, guard: Guard, options: HomeOptions) -> None:
        """Make the button."""
        super().__init__(guard, options, "reset")

    async def async_press(self) -> None:
        """End the incidents, or say why not."""
        await reset(self.hass, self._guard, self._context, None)


class TestButton(HomeEntity, ButtonEntity):
    """Sends every contact a test message."""

    _attr_entity_category = EntityCategory.CONFIG

    def __init__(self, guard: Guard, options: HomeOptions, people: People) -> None:
        """Make the button."""
        super().__init__(guard, options, "test")
        self._people = people

    async def async_press(self) -> None:
        """Send the messages."""
        self._people.tell(Tell(Message.TEST))
