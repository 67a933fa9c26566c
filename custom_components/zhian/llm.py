"""Tools for language models."""

from homeassistant.components.llm import LLMTools
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext

from .home import async_find_home
from .home.tools import PROMPT, tools_for


@callback
def async_get_tools(
    hass: HomeAssistant, llm_context: LLMContext, api_id: str
) -> LLMTools | None:
    """Return the tools of the running home, for the assistant that speaks to people."""
    if api_id != LLM_API_ASSIST or (home := async_find_home(hass)) is None:
        return None
    return LLMTools(tools=tools_for(home), prompt=PROMPT)
