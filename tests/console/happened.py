"""A county in which every kind of thing has happened, for pages that show all of it."""

from __future__ import annotations

from tests.console.place import Place


def happenings(place: Place) -> dict[str, int]:
    """Cases in every state; what people typed is in English, so that words of ours stand out."""
    people, found = place.people, {}

    def opened() -> int:
        place.signal(place.subject())
        place.settle()
        return place.case.id

    found["closed"] = opened()
    place.do("take", people.secretary)
    place.do("false_alarm", people.secretary, text="pressed by mistake")
    found["asked"] = opened()
    place.do("take", people.secretary)
    place.do("report", people.secretary, text="went there, all is well")
    found["asked again"] = opened()
    place.do("take", people.secretary)
    place.do("report", people.secretary, text="went there, all is well")
    place.do("not_solved", people.daughter, text="nobody came")
    place.do("progress", people.secretary, text="on the way")
    found["called in vain"] = place.hold_key()
    place.wait(minutes=6)
    place.hold_key()
    answered = place.call_of("village")
    said = {"do": "answer", "delivery": str(answered.id)}
    place.client().post(f"{place.phone('village')}act", said)
    return found
