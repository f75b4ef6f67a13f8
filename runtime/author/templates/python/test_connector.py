import unittest

from connector import Teams

from lockgate_guest import External, InvalidError, Object, Task, TaskType


def prepared(body: bytes, task_type: TaskType = TaskType.CREATE_OBJECT) -> Object:
    answer = Teams().prepare_internal_object(External("application/json", body), Task(task_type))
    assert isinstance(answer, Object)
    return answer


class TeamsTest(unittest.TestCase):
    def test_a_team_becomes_a_role(self) -> None:
        role = prepared(b'{"id": 7, "title": "Editors", "members": ["Anna", "Bert"]}')
        self.assertEqual((role.code_name, role.display_name, len(role.children)), ("team-7", "Editors", 2))

    def test_what_is_not_stated_stays_and_null_clears(self) -> None:
        self.assertEqual(prepared(b'{"id": 7, "title": "Editors"}').fields, {})
        self.assertEqual(prepared(b'{"id": 7, "title": "Editors", "note": null}').fields, {"description": None})
        with self.assertLogs(level="WARNING"):
            self.assertEqual(prepared(b'{"id": 7, "title": "Editors", "note": 5}').fields, {})

    def test_a_team_needs_a_title_unless_it_goes(self) -> None:
        with self.assertRaisesRegex(InvalidError, "at title"):
            prepared(b'{"id": 8}')
        self.assertEqual(prepared(b'{"id": 8}', TaskType.DELETE_OBJECT).code_name, "team-8")
