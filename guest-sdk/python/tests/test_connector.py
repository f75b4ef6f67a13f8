"""External objects, the one connector of a component, and the state."""

import unittest

from lockgate_guest import (
    Connector,
    DataType,
    External,
    Object,
    StateError,
    Task,
    TaskType,
    UnsupportedError,
    export,
    secrets,
    settings,
    state,
    testing,
)


class Roles(Connector):
    def prepare_internal_object(self, external: External, task: Task) -> Object:
        return Object("cms.role", "a")


class Connectors(unittest.TestCase):
    def tearDown(self) -> None:
        testing.reset()

    def test_methods_that_are_left_out_are_unsupported(self) -> None:
        with self.assertRaises(UnsupportedError):
            Roles().get_internal_document_params("1", "blog.post")

    def test_what_is_exported_is_a_connector(self) -> None:
        with self.assertRaises(TypeError):
            export(int)  # type: ignore[type-var]

    def test_a_connector_that_cannot_prepare_is_not_exported(self) -> None:
        class Misspelt(Connector):
            def prepare_internal_objekt(self, external: External, task: Task) -> Object:
                return Object("cms.role", "a")

        with self.assertRaisesRegex(TypeError, "Misspelt has no prepare_internal_object"):
            export(Misspelt)

    def test_the_words_of_the_contract_are_texts(self) -> None:
        self.assertEqual(TaskType.DELETE_OBJECT, "delete-object")
        self.assertEqual(f"{DataType.SIMPLE_SNAPSHOT}", "simple-snapshot")

    def test_settings_are_asked_for_by_name_and_not_listed(self) -> None:
        testing.settings(currency="EUR")
        self.assertIn("currency", settings)
        for listed in (settings, secrets):
            with self.assertRaises(TypeError):
                list(listed)  # type: ignore[call-overload]

    def test_the_state_is_a_mapping_of_bytes(self) -> None:
        state["a/1"] = b"x"
        state["b"] = b"y"
        self.assertEqual((dict(state), state.keys("a/"), state.pop("b"), len(state)), ({"a/1": b"x", "b": b"y"}, ["a/1"], b"y", 1))
        with self.assertRaises(TypeError):
            state["a"] = "text"  # type: ignore[assignment]
        for key in ("", "k" * 257):
            with self.assertRaises(StateError):
                state[key] = b""
