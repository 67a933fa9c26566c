"""What would be sent is shown so that a person can read it."""

import json

from custom_components.zhian.home.legible import legible


def test_json_is_shown_one_fact_a_line() -> None:
    document = {"hazard": "gas", "home": {"name": "柳巷 12 号"}}
    shown = legible(json.dumps(document).encode())
    assert json.loads(shown) == document
    assert shown.splitlines()[1:3] == ['  "hazard": "gas",', '  "home": {']
    assert "柳巷" in shown


def test_xml_is_shown_one_element_a_line() -> None:
    shown = legible(b"<alert><sender>a</sender> <sent>b</sent></alert>")
    assert shown.splitlines() == [
        "<alert>",
        "<sender>a</sender>",
        "<sent>b</sent>",
        "</alert>",
    ]


def test_a_frame_is_shown_as_it_is() -> None:
    frame = '"SIA-DCS"0001R0L0#1234[#1234|NGA1]'
    assert legible(f"\n{frame}\r".encode()) == frame
