"""Calls: what is sent, and what an answer means to the task."""

import unittest

from lockgate_guest import InternalError, NotFoundError, UnavailableError, http, secrets, testing
from lockgate_guest.http import Response


class Calls(unittest.TestCase):
    def tearDown(self) -> None:
        testing.reset()

    def test_a_status_says_what_becomes_of_the_task(self) -> None:
        self.assertEqual(Response(204, [], b"").raise_for_status().status, 204)
        for status, kind in (
            (404, NotFoundError),
            (401, InternalError),
            (302, InternalError),
            (429, UnavailableError),
            (503, UnavailableError),
        ):
            with self.assertRaises(kind, msg=str(status)):
                Response(status, [], b"").raise_for_status()

    def test_a_delay_in_seconds_is_handed_on_and_a_date_is_not(self) -> None:
        for given, delay_ms in (("2", 2000), ("Wed, 21 Oct 2026 07:28:00 GMT", None)):
            with self.assertRaises(UnavailableError) as raised:
                Response(503, [("Retry-After", given)], b"").raise_for_status()
            self.assertEqual(raised.exception.retry_after_ms, delay_ms)

    def test_json_and_credentials_are_sent(self) -> None:
        requests: list[http.Request] = []
        testing.answer_with(lambda request: requests.append(request) or Response(200, [], b""))  # type: ignore[func-returns-value]
        http.post("http://a", json={"b": 1}, basic=("user", "pass"))
        self.assertEqual(requests[0].method, "POST")
        self.assertEqual(requests[0].body, b'{"b": 1}')
        self.assertEqual(requests[0].headers, {"content-type": "application/json", "authorization": "Basic dXNlcjpwYXNz"})

    def test_credentials_that_are_not_there_are_refused(self) -> None:
        testing.answer_with(lambda _: Response(200, [], b""))
        with self.assertRaisesRegex(TypeError, r"bearer is text \(str\), not None"):
            http.get("http://a", bearer=secrets.get("token"))  # type: ignore[arg-type]
        with self.assertRaisesRegex(TypeError, "the password of basic is text"):
            http.get("http://a", basic=("user", None))  # type: ignore[arg-type]

    def test_a_misspelt_option_is_refused(self) -> None:
        with self.assertRaisesRegex(TypeError, "no option 'timout'"):
            http.get("http://a", timout=5)  # type: ignore[call-arg]

    def test_calls_are_denied_until_somebody_answers_them(self) -> None:
        with self.assertRaises(http.CallDenied):
            http.get("http://a")

    def test_a_long_answer_is_refused(self) -> None:
        testing.answer_with(lambda _: Response(200, [], b"four"))
        with self.assertRaises(http.CallTooLarge):
            http.get("http://a", response_bytes_max=3)
