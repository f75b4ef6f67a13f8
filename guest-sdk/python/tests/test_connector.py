"""External objects, the one connector of a component, and the state."""

import unittest

from lockgate_guest import Connector, External, InvalidError, StateError, UnsupportedError, export, state, testing


class Connectors(unittest.TestCase):
    def tearDown(self) -> None:
        testing.reset()

    def test_a_body_that_is_no_json_is_invalid(self) -> None:
        for body in (b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 1_000 + b"1" + b"}" * 1_000):
            with self.assertRaises(InvalidError, msg=body[:10]):
                External("application/json", body).json()

    def test_brackets_in_texts_are_no_levels(self) -> None:
        self.assertEqual(External("a/b", b'"' + b"[" * 1_000 + b'\\""').json(), "[" * 1_000 + '"')
        self.assertEqual(len(External("a/b", b"[" + b"[]," * 1_000 + b"[]]").json()), 1_001)

    def test_half_of_a_surrogate_pair_makes_a_body_invalid(self) -> None:
        with self.assertRaises(InvalidError):
            External("a/b", b'{"name": "\\ud83d"}').json()
        self.assertEqual(External("a/b", b'"\\ud83d\\ude00"').json(), "\U0001f600")

    def test_methods_that_are_left_out_are_unsupported(self) -> None:
        with self.assertRaises(UnsupportedError):
            Connector().get_internal_document_params("1", "blog.post")

    def test_what_is_exported_is_a_connector(self) -> None:
        with self.assertRaises(TypeError):
            export(int)  # type: ignore[type-var]

    def test_the_state_is_a_mapping_of_bytes(self) -> None:
        state["a/1"] = b"x"
        state["b"] = b"y"
        self.assertEqual((dict(state), state.keys("a/"), state.pop("b"), len(state)), ({"a/1": b"x", "b": b"y"}, ["a/1"], b"y", 1))
        with self.assertRaises(TypeError):
            state["a"] = "text"  # type: ignore[assignment]
        for key in ("", "k" * 257):
            with self.assertRaises(StateError):
                state[key] = b""
