"""Splits .vcf files into cards and prints a task for each, as `lockgate submit` reads them.

A card refers to others by their UIDs, so all are carried in first without what binds them, then those that bind:
    python3 tasks.py address-book.vcf latin-1.vcf:iso-8859-1 > tasks.ndjson
"""

import base64
import json
import re
import sys

cards = []
for name in sys.argv[1:]:
    path, _, charset = name.partition(":")
    with open(path, "rb") as file:
        found = re.findall(rb"BEGIN:VCARD.*?END:VCARD\r?\n?", file.read(), re.DOTALL | re.IGNORECASE)
    cards += [(card, charset or "utf-8") for card in found]
again = [(card, charset) for card, charset in cards if re.search(rb"^(RELATED|MEMBER)", card, re.MULTILINE)]

for number, (card, charset) in enumerate(cards + again):
    data_type = "simple-snapshot" if number < len(cards) else "snapshot"
    unfolded = re.sub(rb"\r?\n[ \t]", b"", card).decode(charset)
    title = re.search(r"^FN:(.*?)\r?$", unfolded, re.MULTILINE)
    task = {
        "connector": "vcard",
        "process_type": "skip-on-error",
        "task_type": "create-object" if number < len(cards) else "update-object",
        "data_type": data_type,
        "title": title.group(1) if title else "",
        "media_type": f"text/vcard;charset={charset}",
        "idempotency_key": f"{data_type}-{number}",
    }
    try:
        task["body"] = card.decode("utf-8")
    except UnicodeDecodeError:
        # Another character set, or a fold in the middle of a character.
        task["body_base64"] = base64.b64encode(card).decode()
    print(json.dumps(task, ensure_ascii=False, separators=(",", ":")))
