"""What people do at the panel: arm, disarm, say what they have seen."""

from collections.abc import Callable, Iterable
from typing import Final

from homeassistant.core import Context, HomeAssistant, callback

from ..safety.arming import Mode
from ..safety.orders import Order, Refuse, Tell
from ..safety.panel import in_the_way
from ..safety.signals import ArmRequested, DisarmRequested, Witnessed
from ..safety.vocabulary import Finding, Message, Reason
from .codes import Codes, Holder, refused
from .guard import Guard
from .on_site import person
from .panel_memory import PanelMemory
from .people import People
from .refusals import raise_if_refused
from .watch_options import PanelOptions
from .words import NOBODY

WRONG_CODE: Final = "wrong_code"
LOCKED: Final = "code_locked"
NOT_READY: Final = "not_ready"


class Keypad:
    """The one way to the panel, for its entity and for the actions."""

    def __init__(
        self,
        hass: HomeAssistant,
        guard: Guard,
        codes: Codes,
        memory: PanelMemory,
        options: PanelOptions,
        people: People,
    ) -> None:
        """Count wrong codes from now on."""
        self._hass = hass
        self._guard = guard
        self._codes = codes
        self._memory = memory
        self._people = people
        self.options = options
        self.listeners: list[Callable[[str], None]] = []
        """Called with what went wrong at the panel."""
        codes.on_wrong = lambda: self._say(WRONG_CODE)
        codes.on_locked = self._on_locked

    @property
    def needs_code(self) -> bool:
        """Whether disarming needs a code."""
        return self._codes.are_there

    @property
    def needs_code_to_arm(self) -> bool:
        """Whether arming a disarmed home needs one."""
        return self.needs_code and self.options.code_arm_required

    async def arm(
        self, mode: Mode, code: str | None, context: Context | None, *, force: bool
    ) -> None:
        """Arm the home; raise an error that says what is in the way.

        Who changes the mode of an armed home could weaken it: that needs a code.
        """
        is_armed = self._guard.state.panel.mode is not Mode.DISARMED
        holder = await self._holder(code, self.needs_code_to_arm or is_armed)
        if holder is not None and not (
            holder.can_disarm if is_armed else holder.can_arm
        ):
            raise refused("code_without_right")
        by = await self._name(holder, context)
        orders = self._guard.handle(
            ArmRequested(
                mode,
                by,
                self._guard.clock.now(),
                force=force or mode is Mode.CUSTOM,
                duress=holder is not None and holder.duress,
            )
        )
        await self._memory.save()
        self._raise_if_refused(orders, mode)

    async def disarm(self, code: str | None, context: Context | None) -> None:
        """Disarm the home; what duress does beside it, nobody here can see."""
        holder = await self._holder(code, self.needs_code)
        if holder is not None and not holder.can_disarm:
            raise refused("code_without_right")
        by = await self._name(holder, context)
        duress = holder is not None and holder.duress
        self._guard.handle(DisarmRequested(by, self._guard.clock.now(), duress))
        await self._memory.save()

    async def witness(self, evidence: Finding, context: Context) -> None:
        """Take down what a person has seen of a break-in."""
        by = await self._name(None, context)
        raise_if_refused(
            self._guard.handle(Witnessed(evidence, by, self._guard.clock.now()))
        )

    def names(self, detectors: Iterable[str]) -> list[str]:
        """Return what people call detectors."""
        bound = self._guard.detectors
        return sorted(bound[d].options.name for d in detectors if d in bound)

    async def _holder(self, code: str | None, is_needed: bool) -> Holder | None:
        if not self._codes.are_there:
            return None
        if code:
            return await self._codes.check(code)
        if is_needed:
            raise refused("code_missing")
        return None

    async def _name(self, holder: Holder | None, context: Context | None) -> str:
        if holder is not None:
            return holder.name
        by = await person(self._hass, context) if context else None
        return by or NOBODY

    def _raise_if_refused(self, orders: Iterable[Order], mode: Mode) -> None:
        for order in orders:
            if isinstance(order, Refuse) and order.reason is Reason.NOT_READY:
                self._say(NOT_READY)
                lacking = self.names(in_the_way(self._guard.state, mode))
                raise refused("panel_not_ready", names=", ".join(lacking))
        raise_if_refused(orders)

    @callback
    def _on_locked(self) -> None:
        """Tell the residents that somebody tries codes."""
        rungs = self._guard.state.household.ladder.rungs
        audience = rungs[0].contacts if rungs else None
        self._people.tell(Tell(Message.WRONG_CODES, audience=audience))
        self._say(LOCKED)

    @callback
    def _say(self, what: str) -> None:
        for listener in tuple(self.listeners):
            listener(what)
