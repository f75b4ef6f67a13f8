import unittest

from teams import Teams

from lockgate_guest import External, InvalidError, Object, Reference, Task, TaskType, testing


def prepared(body: bytes, task_type: TaskType = TaskType.UPDATE_OBJECT) -> Object:
    answer = Teams().prepare_internal_object(External("application/json", body), Task(task_type))
    assert isinstance(answer, Object)
    return answer


class TeamsTest(unittest.TestCase):
    def tearDown(self) -> None:
        testing.reset()

    def test_members_become_bindings(self) -> None:
        role = prepared(b'{"id": 7, "title": "Editors", "members": ["Anna", " Bert"]}')
        self.assertEqual([child["user"] for child in role.children], [Reference("Anna"), Reference("Bert")])
        self.assertEqual(testing.warnings(), [("blanks around a name are left out", "members[1]")])

    def test_what_is_not_stated_stays(self) -> None:
        role = prepared(b'{"id": 7, "title": "Editors"}')
        self.assertEqual((role.fields, role.children, role.none_of), ({}, [], set()))

    def test_null_clears_and_an_empty_list_says_that_there_is_none(self) -> None:
        role = prepared(b'{"id": 7, "title": "Editors", "note": null, "members": []}')
        self.assertEqual((role.fields, role.none_of), ({"description": None}, {"cms.userrole"}))

    def test_a_team_without_a_title_is_refused_unless_it_goes(self) -> None:
        with self.assertRaises(InvalidError):
            prepared(b'{"id": 8}')
        self.assertEqual(prepared(b'{"id": 8}', TaskType.DELETE_OBJECT).code_name, "team-8")
