"""Events as icalendar reads them, and their occurrences as recurring-ical-events counts them."""

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import icalendar
import recurring_ical_events
from samples import Answer, body_of

#: Charsets that the tool is told beside the file.
CHARSETS = {"22-latin1.ics": "iso-8859-1"}
#: Where the sample says other than the reference, and why: file, event, field.
DIFFERENT: dict[tuple[str, ...], str] = {
    ("02-zone-named-gmt-with-summer.ics", "g1", "start"): "the VTIMEZONE of the calendar counts, and icalendar goes by the name",
    ("02-zone-named-gmt-with-summer.ics", "", "occurrences"): "as above",
    ("03-zone-est-with-summer.ics", "e1", "start"): "as above",
    ("03-zone-est-with-summer.ics", "", "occurrences"): "as above",
    ("05-tzone-microsoft-utc.ics", "", "occurrences"): "icalendar does not know this name of UTC",
    ("08-value-date-with-time.ics", "d1", "start"): "VALUE=DATE says that it is a day",
    ("08-value-date-with-time.ics", "", "occurrences"): "as above",
    ("09-day-start-time-end.ics", "", "occurrences"): "an end of another kind than the start is left out, with a warning",
    (
        "10-end-before-start.ics",
        "",
        "occurrences",
    ): "an end before the start is left out, with a warning; the reference swaps them",
    ("16-cn-quotes-colon-caret.ics", "q1", "name of mailto:bo2@garden.example"): "a comma in a name separates nothing",
}
#: Files of which the reference reads nothing, or not the same events, and why.
UNREAD: dict[str, str] = {
    "12-reply-2.ics": "the answer of an attendee is no event",
    "23-vcalendar-1.0.ics": "refused: vCalendar 1.0",
    "27-same-uid-different-events.ics": "the second event with the UID is refused",
    "28-no-uid.ics": "an event without a UID is refused",
    "30-unclosed-event.ics": "an event without an end is refused, and the reference reads none of the two",
    "36-offset-in-time.ics": "times in other forms, which the reference does not read",
    "41-crcrlf.ics": "two carriage returns in each end of a line, which the reference does not read",
    "35-bom-and-preamble.ics": "a line outside of the calendar is left out; the reference reads nothing",
}
#: Between these days occurrences are counted.
FIRST, LAST = date(2000, 1, 1), date(2031, 1, 1)


def arguments(file: Path) -> list[str]:
    charset = CHARSETS.get(file.name)
    return [*(["-charset", charset] if charset else []), str(file)]


def stored(answers: list[Answer]) -> list[dict[str, Any]]:
    """What the sample makes of the events of a file."""
    people = {
        f"mailto:{answer.fields['email']}": answer.shown.get("display_name")
        for answer in answers
        if answer.shown.get("type") == "ical.person"
    }
    events = []
    for answer in answers:
        if answer.shown.get("type") == "ical.attendance":
            events.append({"answer": answer.fields.get("answer"), "of": answer.fields["person"], "to": answer.fields["event"]})
        if answer.shown.get("type") != "ical.event":
            continue
        values = answer.fields
        events.append(
            {
                "uid": values["uid"],
                "summary": values.get("summary"),
                "all_day": values.get("all_day"),
                "start": values.get("start"),
                "zone": values.get("start_zone"),
                "starts": values.get("starts"),
                "end": values.get("end"),
                "ends": values.get("ends"),
                "status": values.get("status"),
                "sequence": values.get("sequence"),
                "recurrence": values.get("recurrence"),
                "range": values.get("range"),
                "rrule": values.get("rrule"),
                "rdate": values.get("rdate"),
                "exdate": values.get("exdate"),
                "organizer": values.get("organizer"),
                "people": {
                    child["fields"]["person"]["reference"]: child["fields"]["answer"]
                    for child in answer.shown.get("children", [])
                },
                "names": {
                    child["fields"]["person"]["reference"]: people.get(child["fields"]["person"]["reference"])
                    for child in answer.shown.get("children", [])
                },
                "zones": zones_in(answer),
            }
        )
    return events


def zones_in(answer: Answer) -> list[str]:
    """The VTIMEZONEs of a task, as they stand: occurrences are counted with the same."""
    lines, found, inside = body_of(answer.task).decode("utf-8", "replace").replace("\r", "").split("\n"), [], []
    for line in lines:
        if line == "BEGIN:VTIMEZONE":
            inside = []
        inside.append(line)
        if line == "END:VTIMEZONE":
            found.append("\n".join(inside))
    return found


def shown(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is kept as expected."""
    return [
        {name: value for name, value in event.items() if name != "zones" and value not in (None, {}, False)} for event in events
    ]


def compared(file: Path, events: list[dict[str, Any]], used: set[tuple[str, ...]]) -> list[str]:
    """What differs from the reference."""
    if file.name in UNREAD:
        used.add((file.name,))
        return []
    try:
        calendars = icalendar.Calendar.from_ical(_text(file), multiple=True)
    except ValueError as error:
        return [f"the reference cannot read it: {error}"]
    theirs = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    own = [event for event in events if "uid" in event]
    wrong = [] if len(theirs) == len(own) else [f"{len(own)} events, and of icalendar {len(theirs)}"]
    for reference, ours in zip(theirs, own, strict=False):
        for name, (expected, got) in _pairs(reference, ours).items():
            wrong += _told(file, ours["uid"], name, expected, got, used)
    expected = Counter(occurrence for calendar in calendars for occurrence in occurrences(calendar))
    got = Counter(occurrences(icalendar.Calendar.from_ical(rebuilt(own))))
    return wrong + _told(file, "", "occurrences", sorted(expected.elements()), sorted(got.elements()), used)


def _told(file: Path, uid: str, name: str, expected: Any, got: Any, used: set[tuple[str, ...]]) -> list[str]:
    key = (file.name, uid, name)
    if expected == got:
        return []
    if key in DIFFERENT:
        used.add(key)
        return []
    return [f"{uid}: {name} is {got!r}, and of the reference {expected!r}"]


def _text(file: Path) -> bytes:
    # A fold in the middle of a character is undone on bytes; the reference undoes it on text.
    body = file.read_bytes().replace(b"\r\n ", b"").replace(b"\r\n\t", b"")
    charset = CHARSETS.get(file.name)
    return body.decode(charset).encode() if charset else body


def _pairs(theirs: Any, ours: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    pairs: dict[str, tuple[Any, Any]] = {"uid": (str(theirs.get("UID", "")), ours["uid"])}
    pairs["summary"] = (str(theirs.get("SUMMARY", "")), ours["summary"] or "")
    start = theirs.get("DTSTART")
    if start is not None and hasattr(start, "dt"):
        pairs["start"] = (_moment(start.dt), ours["starts"] or (ours["start"] or "").replace("T00:00:00", ""))
        if isinstance(start.dt, datetime) and start.dt.tzinfo is None:
            pairs["start"] = (start.dt.isoformat(), ours["start"])
    attendees = theirs.get("ATTENDEE", [])
    for one in attendees if isinstance(attendees, list) else [attendees]:
        address = str(one).lower()
        if "@" in address:
            name = " ".join(str(one.params.get("CN", "")).split())
            pairs[f"name of {address}"] = (name or None, ours["names"].get(address))
    return pairs


def _moment(value: date) -> str:
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


def occurrences(calendar: Any) -> list[tuple[str, str, str]]:
    """Start, end and title of each."""
    found = []
    for event in recurring_ical_events.of(calendar).between(FIRST, LAST):
        start = event["DTSTART"].dt
        end = event["DTEND"].dt if "DTEND" in event else start
        if end == start and not isinstance(start, datetime):
            end = start + timedelta(days=1)
        found.append((_moment(start), _moment(end), str(event.get("SUMMARY", ""))))
    return found


def rebuilt(events: list[dict[str, Any]]) -> bytes:
    """A calendar of nothing but what is stored: if its occurrences are the same, nothing was lost."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//stored//"]
    lines += sorted({zone for event in events for zone in event["zones"]})
    for event in events:
        lines += ["BEGIN:VEVENT", f"UID:{event['uid']}", "DTSTAMP:20260101T000000Z"]
        lines += [line for line in (_time("DTSTART", event, "start"), _time("DTEND", event, "end")) if line]
        lines.append(f"SUMMARY:{icalendar.vText(event['summary'] or '').to_ical().decode()}")
        if event["recurrence"]:
            reach = f";RANGE={event['range']}" if event["range"] else ""
            lines.append(f"RECURRENCE-ID{reach}{_written(event['recurrence'])}")
        if event["rrule"]:
            lines.append(f"RRULE:{event['rrule']}")
        for name in ("rdate", "exdate"):
            lines += [_listed(name.upper(), value) for value in (event[name] or "").split(",") if value]
        lines.append("END:VEVENT")
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _time(name: str, event: dict[str, Any], which: str) -> str:
    if not event[which] or event["all_day"] and which == "end" and event["end"] <= event["start"]:
        return ""
    zone = event["zone"]
    if which == "end" and event["ends"]:
        # Exact, whatever the clock did in between.
        return f"{name}:{_written(event['ends'])[1:]}"
    local = _written(event[which])
    if zone == "UTC" or event["all_day"] or not zone:
        return f"{name}{local}Z" if zone == "UTC" else f"{name}{local}"
    return f'{name};TZID="{zone}"{local}'


def _written(value: str) -> str:
    """`:20260302T080000Z`, or `;VALUE=DATE:20260302`."""
    plain = value.replace("-", "").replace(":", "")
    return f":{plain}" if "T" in plain else f";VALUE=DATE:{plain}"


def _listed(name: str, value: str) -> str:
    if "/" in value:
        return f"{name};VALUE=PERIOD:{value}"
    return f"{name}:{value}" if "T" in value else f"{name};VALUE=DATE:{value}"
