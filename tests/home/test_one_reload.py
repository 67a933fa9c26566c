"""What is added together is taken up together."""

from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentry

from .house import HomeUnderTest


def detector(number: int) -> ConfigSubentry:
    return ConfigSubentry(
        data={
            "entity_id": f"binary_sensor.gas{number}",
            "hazard": "gas",
            "name": f"Gas {number}",
        },
        subentry_type="detector",
        title=f"Gas {number}",
        unique_id=None,
    )


async def test_a_whole_home_that_is_added_at_once_is_reloaded_once(
    home: HomeUnderTest,
) -> None:
    """Each reload is a moment without a guard; and nothing stays unguarded after it."""
    await home.start()
    entry = home.entry
    assert entry is not None
    entries = home.hass.config_entries
    reload = entries.async_schedule_reload
    with patch.object(entries, "async_schedule_reload", side_effect=reload) as reloads:
        for number in range(5):
            entries.async_add_subentry(entry, detector(number))
        await home.settle()
        assert reloads.call_count == 1
        assert len(home.home.detectors) == 6
        entries.async_add_subentry(entry, detector(9))
        await home.settle()
        assert reloads.call_count == 2
    assert len(home.home.detectors) == 7
