import unittest

from teams import Teams

from lockgate_guest import External, InvalidError, Object, Reference, Task


class TeamsTest(unittest.TestCase):
    def test_members_become_bindings(self) -> None:
        body = b'{"id": 7, "title": "Editors", "members": ["Anna"]}'
        role = Teams().prepare_internal_object(External("application/json", body), Task())
        assert isinstance(role, Object)
        self.assertEqual(role.children[0]["user"], Reference("Anna"))

    def test_a_team_without_a_title_is_refused(self) -> None:
        with self.assertRaises(InvalidError):
            Teams().prepare_internal_object(External("application/json", b"{}"), Task())
