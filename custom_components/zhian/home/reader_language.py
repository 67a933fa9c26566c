"""In which language a dialog speaks where Home Assistant cannot translate for it.

What a page says is translated in the browser, in the language of who reads it. A list
that is put together here arrives there as it is, so it has to be in that language
already. Home Assistant hands no language to a dialog; but each step of one is a request,
and a request tells who asks.
"""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import current_request

ACCEPT_LANGUAGE = "Accept-Language"
FRONTEND = "frontend"
USER = "hass_user"


async def language_of_reader(hass: HomeAssistant) -> str:
    """Return the language that was chosen in the profile, else that of the browser.

    The home's own, where nobody asks: a test, or a start.
    """
    if (request := current_request.get()) is None:
        return hass.config.language
    if (user := request.get(USER)) is not None and FRONTEND in hass.config.components:
        # Without its pages Home Assistant does not load what they are made of.
        from homeassistant.components.frontend.storage import async_user_store

        chosen = (await async_user_store(hass, user.id)).data.get("language")
        if isinstance(chosen, dict) and isinstance(chosen.get("language"), str):
            return _known(chosen["language"])
    first = request.headers.get(ACCEPT_LANGUAGE, "").partition(",")[0]
    return _known(first.partition(";")[0].strip()) or hass.config.language


def _known(tag: str) -> str:
    """Return a browser's language as Home Assistant names it.

    `zh` alone and that of the mainland are written in simplified characters.
    """
    if tag.lower() in ("zh", "zh-cn", "zh-sg") or tag.lower().startswith("zh-hans"):
        return "zh-Hans"
    return tag if tag != "*" else ""
