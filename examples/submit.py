"""python3 submit.py CONNECTOR FILE SUBJECT KEY: sends one change, and prints what became of it."""
import json, os, sys, time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

URL = os.environ.get("LOCKGATE_URL", "http://127.0.0.1:7070")
HEADERS = {"Authorization": "Bearer " + os.environ["LOCKGATE_TOKEN"]} if "LOCKGATE_TOKEN" in os.environ else {}

def call(path, body=None, **headers):
    for seconds in (0, 1, 2, 4, 8, 16, 30):
        time.sleep(seconds)
        try:
            with urlopen(Request(URL + path, body, HEADERS | headers), timeout=30) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code not in (408, 429) and error.code < 500:
                sys.exit(f"{error.code}: {error.read().decode()}")  # a mistake: trying again does not help
        except (OSError, HTTPException):
            pass  # no answer: the same key again queues it once
    sys.exit("the server does not answer")

connector, file, subject, key = sys.argv[1:]  # one key for each change, not for each object
query = urlencode({"subject": subject, "task_type": "update-object", "wait": "5s"})
headers = {"Idempotency-Key": key, "Content-Type": os.environ.get("MEDIA_TYPE", "application/json")}
answer = call(f"/v1/connectors/{quote(connector)}/tasks?{query}", open(file, "rb").read(), **headers)
# It may wait for something, or for an operator: its state says so, and it is safe in the queue.
print(f"task {answer['task']}: {answer.get('outcome') or answer.get('state')}")
