"""The demo's command line."""

import pytest

from demo.__main__ import parse


@pytest.mark.parametrize(
    "arguments",
    [
        ("--air-speed", "0"),
        ("--air-speed", "-3"),
        ("--air-speed", "nan"),
        ("--air-speed", "inf"),
        ("--home-port", "-1"),
        ("--station-port", "65536"),
        ("--fault", "jammed-valve"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_starts(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Argparse says what is wrong, and the exit code is its own."""
    with pytest.raises(SystemExit, match="2"):
        parse([*arguments])
    assert arguments[0] in capsys.readouterr().err


def test_a_free_port_and_real_time_are_fine() -> None:
    """The limits belong to what is allowed."""
    args = parse(["--home-port", "0", "--broker-port", "65535", "--air-speed", "1"])
    assert (args.home_port, args.broker_port, args.air_speed) == (0, 65535, 1.0)
