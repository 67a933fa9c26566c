"""After the safety path: people are told, then everybody who shows something."""

import asyncio
from collections.abc import Callable, Iterable
import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..safety.entries import Entry
from ..safety.orders import Tell
from .timelines import Timelines

_LOGGER = logging.getLogger(__name__)


class FollowUp:
    """Lets others hear what was decided, soon, and once for all that comes by then."""

    def __init__(
        self, hass: HomeAssistant, timelines: Timelines, tell: Callable[[Tell], None]
    ) -> None:
        """Begin with nothing to tell."""
        self._hass = hass
        self._timelines = timelines
        self._tell = tell
        self._listeners: list[Callable[[], None]] = []
        self._news_listeners: list[Callable[[Entry], None]] = []
        self._news: list[Entry] = []
        self._tells: list[Tell] = []
        self._refresh: asyncio.Handle | asyncio.Task[None] | None = None
        self._is_stopped = False

    @callback
    def subscribe(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener after changes; never on the safety path. Return the end."""
        self._listeners.append(listener)

        def end() -> None:
            self._listeners.remove(listener)

        return end

    @callback
    def subscribe_news(self, listener: Callable[[Entry], None]) -> CALLBACK_TYPE:
        """Call a listener with each new entry of a timeline. Return the end."""
        self._news_listeners.append(listener)

        def end() -> None:
            self._news_listeners.remove(listener)

        return end

    @callback
    def show(self) -> None:
        """Let the listeners look again, soon; once for all that changes by then."""
        if self._refresh is None and not self._is_stopped:
            self._refresh = self._hass.loop.call_soon(self._let_sockets_write)

    def add(self, tells: Iterable[Tell], news: Iterable[Entry]) -> None:
        """Keep what is to be told at the next turn."""
        self._tells.extend(tells)
        self._news.extend(news)

    @callback
    def stop(self) -> None:
        """Tell what waits, and nothing from then on."""
        self._is_stopped = True
        if self._refresh is not None:
            self._refresh.cancel()
            self._follow()

    def _let_sockets_write(self) -> None:
        """Wait one more turn: the packets of the orders are written in this one."""
        if self._timelines.is_worth_waiting:
            self._refresh = self._hass.async_create_task(
                self._follow_the_disk(), "zhian follow up", eager_start=False
            )
        else:
            self._refresh = self._hass.loop.call_soon(self._follow)

    async def _follow_the_disk(self) -> None:
        await self._timelines.let_the_disk_go_first()
        self._follow()

    def _follow(self) -> None:
        """Tell people, then everybody who shows what the guard knows."""
        self._refresh = None
        tells, self._tells = self._tells, []
        for order in tells:
            try:
                self._tell(order)
            except Exception:  # one message never stops another
                _LOGGER.exception("A message could not be put into words")
        news, self._news = self._news, []
        for entry in news:
            for hear in tuple(self._news_listeners):
                hear(entry)
        for listener in tuple(self._listeners):
            listener()
