"""A number outside its limits is refused in the person's language."""

from pathlib import Path
import re

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData
from homeassistant.helpers.selector import NumberSelectorConfig

import pytest
import voluptuous as vol

from custom_components.zhian.number_field import NumberField

from .flows import STATION, home_entry, nothing_is_set_up, reconfigure

PACKAGE = Path(__file__).parents[2] / "custom_components" / "zhian"


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (0, "number_too_small"),
        (11, "number_too_large"),
        ("many", "expected float"),
    ],
)
def test_what_is_wrong_with_a_number_is_the_key_of_an_error(
    number: object, error: str
) -> None:
    field = NumberField(NumberSelectorConfig(min=1, max=10))
    assert field(5) == 5
    with pytest.raises(vol.Invalid) as refused:
        field(number)
    assert error in str(refused.value)


async def test_a_dialog_says_it_at_the_field_and_goes_on(hass: HomeAssistant) -> None:
    entry = home_entry(hass, station=STATION)
    with nothing_is_set_up():
        dialog = await reconfigure(hass, entry)
        await dialog.choose("consents")
        with pytest.raises(InvalidData) as refused:
            await dialog.submit(keep_days=99999, purposes=["place"])
        assert refused.value.schema_errors == {"keep_days": "number_too_large"}
        result = await dialog.submit(keep_days=30, purposes=["place"])
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["station"]["agreement"]["keep_days"] == 30


def test_every_number_with_limits_is_such_a_field() -> None:
    limited = re.compile(r"NumberSelector\(\s*NumberSelectorConfig\(\s*m(in|ax)=")
    for path in PACKAGE.rglob("*.py"):
        assert not limited.search(path.read_text("utf-8")), path.name
