"""What a language model may do in the home: close, ask, acknowledge. Never open."""

from typing import Final, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.llm import (
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
)

from ..const import DOMAIN
from ..safety.assurance import assure
from ..safety.vocabulary import Hazard
from . import Home, async_find_home, speech
from .closing import close_gas, gas_valves
from .requests import acknowledge
from .words import language_for

PROMPT: Final = (
    "Zhi'an guards this home against gas, smoke and other hazards. If anybody smells "
    "gas or asks to shut it off, close the gas at once, then tell them to leave, to "
    "touch no switch and to phone from outside. Never say that the home is safe "
    "without asking for it. Gas valves cannot be opened from here: only a person at "
    "home can do that."
)


class HomeTool(Tool):
    """A tool of the running home."""

    integration = DOMAIN

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Do it, and say what came of it."""
        language = language_for(llm_context.language or hass.config.language)
        if (home := async_find_home(hass)) is None:
            return ToolResult(data={"error": speech.no_home(language)}, error=True)
        return await self.use(hass, home, llm_context, language)

    async def use(
        self, hass: HomeAssistant, home: Home, llm_context: LLMContext, language: str
    ) -> ToolResult:
        """Use the tool on a home."""
        raise NotImplementedError


class CloseGasTool(HomeTool):
    """Close the gas; never refused."""

    name = "zhian__close_gas"
    title = "Close the gas"
    description = (
        "Closes every gas valve of the home and says of each whether it is proved to "
        "be closed. Use it at once when somebody smells gas or asks to shut off the "
        "gas. It cannot be undone from here."
    )
    annotations = ToolAnnotations(destructive=False, idempotent=True, open_world=False)

    @override
    async def use(
        self, hass: HomeAssistant, home: Home, llm_context: LLMContext, language: str
    ) -> ToolResult:
        valves = await close_gas(home.guard)
        return ToolResult(
            data={
                "valves": [
                    {"name": valve.name, "result": valve.closing.value}
                    for valve in valves
                ],
                "say": speech.about_gas(valves, language),
            }
        )


class HomeSafetyTool(HomeTool):
    """Say whether the home is safe."""

    name = "zhian__home_safety"
    title = "Home safety"
    description = (
        "Says whether the home is safe now, which alarms are open, what people should "
        "do, and which detectors cannot be relied on. Use it for questions such as "
        "'Are we safe?' or 'Is there an alarm?'."
    )
    annotations = ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )

    @override
    async def use(
        self, hass: HomeAssistant, home: Home, llm_context: LLMContext, language: str
    ) -> ToolResult:
        guard = home.guard
        assurance = assure(guard.state, guard.clock.now())
        return ToolResult(
            data={
                "safety": assurance.safety.value,
                "incidents": [
                    {
                        "hazard": incident.hazard.value,
                        "phase": incident.phase.value,
                        "since": incident.opened_at.isoformat(),
                        "acknowledged": incident.acknowledged is not None,
                        "station": incident.station.status.value,
                    }
                    for incident in assurance.incidents
                ],
                "drill": guard.state.drill is not None,
                "not_reliable": [
                    watcher.options.name
                    for detector in assurance.blind
                    if (watcher := guard.watcher(detector.id)) is not None
                ],
                "say": speech.about_safety(assurance, guard, language),
            }
        )


class AcknowledgeTool(HomeTool):
    """Say that somebody has taken the incidents."""

    name = "zhian__acknowledge"
    title = "Acknowledge the alarm"
    description = (
        "Notes that a person has taken every open alarm but a call for help: sirens are turned off and "
        "nobody else is called. Use it only if the person has said in so many words "
        "that they are dealing with the alarm, never to calm somebody. It neither "
        "ends the alarm nor opens a valve."
    )
    # It ends the calls for help, so a person should be asked before.
    annotations = ToolAnnotations(destructive=True, idempotent=True, open_world=False)

    @override
    async def use(
        self, hass: HomeAssistant, home: Home, llm_context: LLMContext, language: str
    ) -> ToolResult:
        shown = home.guard.state.shown
        # What somebody has called for is not called off by words.
        meant: list[str | None] = [i.id for i in shown if i.hazard is not Hazard.SOS]
        if shown and not meant:
            stays = speech.about_answer(False, True, language)
            return ToolResult(data={"error": stays}, error=True)
        try:
            for incident in meant or [None]:
                await acknowledge(
                    hass, home.guard, llm_context.context, incident, "assistant"
                )
        except HomeAssistantError as error:
            return ToolResult(data={"error": str(error)}, error=True)
        if len(meant) < len(shown):
            stays = speech.about_answer(False, True, language)
            return ToolResult(data={"acknowledged": True, "say": stays})
        return ToolResult(data={"acknowledged": True})


def tools_for(home: Home) -> list[Tool]:
    """Return the tools that make sense in a home."""
    tools: list[Tool] = [HomeSafetyTool(), AcknowledgeTool()]
    if gas_valves(home.guard):
        tools.insert(0, CloseGasTool())
    return tools
