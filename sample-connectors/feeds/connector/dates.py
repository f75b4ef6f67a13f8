"""Dates as feeds write them: RFC 822, RFC 3339 and what is called so.

What is taken is what has one meaning. A date without a zone is taken as UTC; a zone that has several meanings, a
month that could be a day, or a text without a date is no date.
"""

import re
from datetime import datetime, timedelta, timezone

#: Beginnings of the names of months, as English, French, German, Spanish, Italian, Portuguese, Dutch and Russian have them.
MONTHS = (
    ("jan", "jän", "ene", "gen", "янв"),
    ("feb", "fév", "fev", "фев"),
    ("mar", "mär", "mrz", "maa", "мар"),
    ("apr", "avr", "abr", "апр"),
    ("may", "mai", "mag", "mei", "май", "мая"),
    ("jun", "juin", "giu", "июн"),
    ("jul", "juil", "lug", "июл"),
    ("aug", "aoû", "aou", "ago", "авг"),
    ("sep", "set", "сен"),
    ("oct", "okt", "ott", "out", "окт"),
    ("nov", "ноя"),
    ("dec", "déc", "dez", "dic", "дек"),
)
#: Names of zones that have one meaning in feeds, in minutes east of Greenwich. RFC 822 says so of the American ones.
ZONES = {
    **dict.fromkeys(("", "z", "ut", "utc", "gmt", "wet", "etc/utc", "etc/gmt"), 0),
    **dict.fromkeys(("bst", "cet", "met", "mez", "west"), 60),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "sast"), 120),
    **{"eest": 180, "msk": 180, "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780},
    **{"ast": -240, "adt": -180, "est": -300, "edt": -240, "cst": -360, "cdt": -300},
    **{"mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600},
}

_ZONE = r"(?P<zone>[A-Za-z]*\s*[+-]\d{1,2}:?\d{2}|[A-Za-z]*\s*[+-]\d{1,2}|[A-Za-z/]*)"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
_WORD = r"[^\W\d_]+"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # 2026-03-02T08:00:00+01:00, 2026-03-02 08:00, 2026-03-02, 2026-03, 2026
        rf"(?P<year>\d{{4}})(?:[-/](?P<month>\d{{1,2}})(?:[-/](?P<day>\d{{1,2}})(?:(?:\s*[Tt]|\s+){_TIME}\s*{_ZONE})?)?)?",
        # 20260302T080000Z, 20260302
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?P<zone>Z|[+-]\d{4})?)?",
        # Mon, 02 Mar 2026 08:00:00 +0100; the weekday may be missing, or wrong
        rf"(?:{_WORD}\.?(?:,\s*|\s+))?(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+(?P<name>{_WORD})\.?,?[\s-]+"
        rf"(?P<year>\d{{4}}|\d{{2}})(?:,?\s+{_TIME}\s*{_ZONE})?",
        # Aug 15, 2019 10:00 PM EST
        rf"(?:{_WORD}\.?,?\s+)?(?P<name>{_WORD})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})(?:,?\s+(?:at\s+)?{_TIME}\s*{_ZONE})?",
        # Mon Mar  2 08:00:00 GMT 2026
        rf"{_WORD}\s+(?P<name>{_WORD})\s+(?P<day>\d{{1,2}})\s+{_TIME}\s*{_ZONE}\s*(?P<year>\d{{4}})",
        # 02.03.2026 08:00: with full stops the day stands first
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})(?:,?\s+{_TIME}\s*{_ZONE})?",
        # 2026年03月02日 08:00, and the same in Korean
        rf"(?P<year>\d{{4}})[年년]\s*(?P<month>\d{{1,2}})[月월]\s*(?P<day>\d{{1,2}})[日일](?:\s*{_TIME}\s*{_ZONE})?",
        # Seconds since 1970, and thousandths of them
        r"(?P<epoch>\d{9,10})(?:\d{3}|\.\d+)?",
    )
)


def moment(given: str) -> datetime | None:
    """The moment that a date names; None where it names none.

    >>> moment("Tue, 18 Sept 2018 15:53:56 +0300").isoformat()
    '2018-09-18T15:53:56+03:00'
    >>> moment("2026-03-02").isoformat()
    '2026-03-02T00:00:00+00:00'
    >>> moment("03/04/2026"), moment("0"), moment("Mon, 02 Mar 2026 08:00 XYZT")
    (None, None, None)
    """
    # RFC 822 has comments, as in `+0000 (UTC)`.
    written = " ".join(re.sub(r"\([^()]*\)", " ", given).split())
    for form in _FORMS:
        if found := form.fullmatch(written):
            return _moment({name: value for name, value in found.groupdict().items() if value})
    return None


def _moment(parts: dict[str, str]) -> datetime | None:
    try:
        if "epoch" in parts:
            return datetime.fromtimestamp(int(parts["epoch"]), timezone.utc)
        month = _month(parts["name"]) if "name" in parts else int(parts.get("month", "1"))
        offset = _offset(parts.get("zone", ""))
        if month is None or offset is None:
            return None
        day = datetime(_year(parts["year"]), month, int(parts.get("day", "1")), tzinfo=offset)
        clock = _clock(parts)
        made = None if clock is None else day + clock
        # What has no place in UTC is no moment: the first and the last day of all.
        return made if made is None or made.astimezone(timezone.utc) else None
    except (ValueError, OverflowError, OSError):
        return None


def _clock(parts: dict[str, str]) -> timedelta | None:
    hour, minute, second = (int(parts.get(name, "0")) for name in ("hour", "minute", "second"))
    half = parts.get("half", "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    # 24:00 is the end of the day; a leap second is the last second of its minute.
    if minute > 59 or second > 60 or hour > 24 or hour == 24 and (minute or second):
        return None
    fraction = int(parts.get("fraction", "0")[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=fraction)


def _year(written: str) -> int:
    return int(written) if len(written) == 4 else int(written) + (1900 if int(written) >= 69 else 2000)


def _month(name: str) -> int | None:
    lower = name.lower()
    for number, beginnings in enumerate(MONTHS, start=1):
        if any(lower.startswith(beginning) for beginning in beginnings):
            return number
    return None


def _offset(zone: str) -> timezone | None:
    found = re.fullmatch(r"([a-z/]*)\s*(?:([+-])(\d{1,2}):?(\d{2})?)?", zone.lower())
    if found is None or found[1] not in ZONES or found[2] and ZONES[found[1]]:
        return None
    if not found[2]:
        return timezone(timedelta(minutes=ZONES[found[1]]))
    minutes = 60 * int(found[3]) + int(found[4] or "0")
    return timezone(timedelta(minutes=-minutes if found[2] == "-" else minutes)) if minutes < 24 * 60 else None
