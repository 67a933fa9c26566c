"""What may be said to the home; opening a valve is not among it."""

from typing import Final, override

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.intent import Intent, IntentHandler, IntentResponse

from ..const import DOMAIN
from ..safety.assurance import assure
from . import Home, async_find_home, speech
from .closing import close_gas
from .words import language_for

CALL_FOR_HELP: Final = "sos"
"""The action that opens an incident because a person asks for help."""


class HomeIntent(IntentHandler):
    """Something that the running home answers."""

    @override
    async def async_handle(self, intent_obj: Intent) -> IntentResponse:
        """Answer aloud, in the language of the question."""
        language = language_for(intent_obj.language)
        home = async_find_home(intent_obj.hass)
        response = intent_obj.create_response()
        response.async_set_speech(
            speech.no_home(language)
            if home is None
            else await self.answer(intent_obj.hass, home, intent_obj.context, language)
        )
        return response

    async def answer(
        self, hass: HomeAssistant, home: Home, context: Context, language: str
    ) -> str:
        """Do what is asked and say what came of it."""
        raise NotImplementedError


class CloseGas(HomeIntent):
    """Close the gas; never refused."""

    intent_type = "ZhianCloseGas"
    description = "Closes the gas valves of the home"

    @override
    async def answer(
        self, hass: HomeAssistant, home: Home, context: Context, language: str
    ) -> str:
        return speech.about_gas(await close_gas(home.guard), language)


class AreWeSafe(HomeIntent):
    """Say whether the home is safe, and what to do if it is not."""

    intent_type = "ZhianAreWeSafe"
    description = "Says whether the home is safe"

    @override
    async def answer(
        self, hass: HomeAssistant, home: Home, context: Context, language: str
    ) -> str:
        guard = home.guard
        assurance = assure(guard.state, guard.clock.now())
        return speech.about_safety(assurance, guard, language)


class NeedHelp(HomeIntent):
    """Call for help."""

    intent_type = "ZhianNeedHelp"
    description = "Calls for help because a person in the home asks for it"

    @override
    async def answer(
        self, hass: HomeAssistant, home: Home, context: Context, language: str
    ) -> str:
        if not hass.services.has_service(DOMAIN, CALL_FOR_HELP):
            return speech.about_help(False, language)
        await hass.services.async_call(
            DOMAIN, CALL_FOR_HELP, blocking=True, context=context
        )
        return speech.about_help(True, language)


INTENTS: Final[tuple[type[HomeIntent], ...]] = (CloseGas, AreWeSafe, NeedHelp)
