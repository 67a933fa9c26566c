"""Every refusal has a code, a sentence and a status."""

from http import HTTPStatus

import pytest

from custom_components.zhian.link.problems import Reason, problem


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_problem_document(reason: Reason) -> None:
    document = problem(reason)
    assert document["type"] == f"urn:zhian:problem:{reason.value}"
    assert document["reason"] == reason.value
    assert HTTPStatus(int(document["status"])).value >= 400
    assert str(document["title"]).endswith(".")
    assert "detail" not in document


def test_a_problem_may_say_more() -> None:
    document = problem(Reason.STALE, 400, "The clock is behind.", now="2026-11-01")
    assert document["status"] == 400
    assert document["detail"] == "The clock is behind."
    assert document["now"] == "2026-11-01"


def test_only_what_may_change_by_itself_is_passing() -> None:
    assert {reason for reason in Reason if reason.is_passing} == {
        Reason.STALE,
        Reason.REPLAYED,
        Reason.RATE_LIMITED,
        Reason.NOT_READY,
    }
