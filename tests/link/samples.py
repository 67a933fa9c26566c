"""Sound documents to start from."""

from datetime import UTC, datetime

from custom_components.zhian.link.documents import (
    Acknowledgement,
    Home,
    IncidentDocument,
    ReadLevel,
    Step,
    TimelineEntry,
)

AT = datetime(2026, 11, 1, 8, 0, 0, 123456, tzinfo=UTC)
INCIDENT = "019a3e1c-9f00-7000-8000-0123456789ab"


def entry(seq: int, **body: str) -> TimelineEntry:
    """Return an entry as the journal seals it."""
    return TimelineEntry(
        seq=seq,
        at=AT,
        kind="opened" if seq == 1 else "detector",
        body=body,
        previous="" if seq == 1 else "0" * 64,
        hash="1" * 64,
    )


def document() -> IncidentDocument:
    """Return a gas incident with everything in it."""
    return IncidentDocument(
        id=INCIDENT,
        revision=2,
        hazard="gas",
        phase="alarm",
        present="yes",
        drill=False,
        priority=1,
        opened_at=AT,
        home=Home(
            name="3 号楼 2 单元 501",
            address="幸福路 1 号",
            latitude=30.25,
            longitude=120.17,
            contact="+86 100 0000 0000",
        ),
        zones=("厨房",),
        level=ReadLevel(12.5, "%LEL"),
        steps=(
            Step(
                id="close_gas_valve",
                what="close",
                actuator="switch.gas_valve",
                status="confirmed",
                at=AT,
            ),
        ),
        acknowledged=Acknowledgement("Resident", "phone", AT),
        entries=(entry(1, hazard="gas"), entry(2, level="alarm")),
    )
