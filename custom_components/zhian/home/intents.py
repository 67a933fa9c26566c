"""What may be said to the home; opening a valve is not among it."""

import logging
from typing import Final, override

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.intent import Intent, IntentHandler, IntentResponse

from ..const import DOMAIN
from ..safety.assurance import assure
from ..safety.vocabulary import Hazard, Response
from . import Home, async_find_home, speech
from .closing import close_gas
from .spoken_answers import area_of, questions, take
from .troubles import reason_of
from .words import language_for

_LOGGER = logging.getLogger(__name__)

CALL_FOR_HELP: Final = "call_for_help"
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
            else await self.answer(intent_obj, home, language)
        )
        return response

    async def answer(self, asked: Intent, home: Home, language: str) -> str:
        """Do what is asked and say what came of it."""
        raise NotImplementedError


class CloseGas(HomeIntent):
    """Close the gas; never refused."""

    intent_type = "ZhianCloseGas"
    description = "Closes the gas valves of the home"

    @override
    async def answer(self, asked: Intent, home: Home, language: str) -> str:
        return speech.about_gas(await close_gas(home.guard), language)


class AreWeSafe(HomeIntent):
    """Say whether the home is safe, and what to do if it is not."""

    intent_type = "ZhianAreWeSafe"
    description = "Says whether the home is safe"

    @override
    async def answer(self, asked: Intent, home: Home, language: str) -> str:
        guard = home.guard
        assurance = assure(guard.state, guard.clock.now())
        return speech.about_safety(assurance, guard, language)


class NeedHelp(HomeIntent):
    """Call for help."""

    intent_type = "ZhianNeedHelp"
    description = "Calls for help because a person in the home asks for it"

    @override
    async def answer(self, asked: Intent, home: Home, language: str) -> str:
        hass = asked.hass
        if not hass.services.has_service(DOMAIN, CALL_FOR_HELP):
            return speech.about_help(False, language)
        area = area_of(hass, asked.device_id)
        try:
            await hass.services.async_call(
                DOMAIN,
                CALL_FOR_HELP,
                {"zone": area} if area else {},
                blocking=True,
                context=asked.context,
            )
        except HomeAssistantError as error:
            _LOGGER.warning("A spoken call for help failed: %s", reason_of(error))
            return speech.about_help(False, language)
        # Who was asked whether they are well has answered by that.
        asked_about = [i for i in questions(home) if i.hazard is Hazard.INACTIVITY]
        await take(home, asked, asked_about, Response.HELP)
        return speech.about_help(True, language)


class SendHelp(NeedHelp):
    """Answer that help is wanted; without an alarm it is a call for help."""

    intent_type = "ZhianSendHelp"
    description = "Answers an open alarm: a person in the home wants help to be sent"

    @override
    async def answer(self, asked: Intent, home: Home, language: str) -> str:
        found = [i for i in questions(home) if not i.drill]
        if not found:
            return await super().answer(asked, home, language)
        await take(home, asked, found, Response.HELP)
        return speech.about_help(True, language)


class IAmSafe(HomeIntent):
    """Answer that the person who speaks is safe; it ends no alarm."""

    intent_type = "ZhianIAmSafe"
    description = "Answers an open alarm: the person who speaks is safe"

    @override
    async def answer(self, asked: Intent, home: Home, language: str) -> str:
        found = list(questions(home))
        # What somebody has called for is not called off by words.
        answered = [i for i in found if i.hazard is not Hazard.SOS]
        await take(home, asked, answered, Response.SAFE)
        is_called = len(answered) < len(found)
        return speech.about_answer(bool(answered), is_called, language)


INTENTS: Final[tuple[type[HomeIntent], ...]] = (
    CloseGas,
    AreWeSafe,
    NeedHelp,
    SendHelp,
    IAmSafe,
)
