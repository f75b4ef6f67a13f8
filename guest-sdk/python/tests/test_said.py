"""What a connector says beside its fields: lists of references, no children, GUIDs, warnings, the task."""

import unittest
from uuid import UUID

from lockgate_guest import ANY_CULTURE, Child, DocumentParams, Fields, Object, ObjectParams, References, Task, task_info, testing, warn

GUID = "018f0000-0000-7000-8000-000000000001"


class Said(unittest.TestCase):
    def tearDown(self) -> None:
        testing.reset()

    def test_a_list_of_references_keeps_its_order_and_has_each_once(self) -> None:
        self.assertEqual(Fields(tags=References(["b", "a"]))["tags"], References(("b", "a")))
        with self.assertRaisesRegex(ValueError, "name 'a' twice"):
            References(["a", "b", "a"])
        with self.assertRaisesRegex(TypeError, "the external id 1 of References is text"):
            References(["a", 7])  # type: ignore[list-item]
        with self.assertRaisesRegex(TypeError, "several ids, not str 'ab'"):
            References("ab")
        with self.assertRaisesRegex(ValueError, "is empty"):
            References([""])

    def test_children_are_stated_as_a_whole_or_left(self) -> None:
        role = Object("cms.role", "a")
        role.children_of("cms.userrole", [Child("cms.userrole", "")])
        self.assertEqual((len(role.children), role.none_of), (1, set()))
        role.children_of("cms.userrole", [])
        self.assertEqual((role.children, role.none_of), ([], {"cms.userrole"}))
        role.leave_children("cms.userrole")
        self.assertEqual((role.children, role.none_of), ([], set()))
        with self.assertRaisesRegex(TypeError, r"children_of\('cms.userrole', …\) takes children of this type"):
            role.children_of("cms.userrole", [Child("cms.other", "b")])

    def test_an_object_is_found_by_its_guid_alone(self) -> None:
        self.assertEqual(ObjectParams.by_guid(UUID(GUID)), ObjectParams.by_guid(GUID))
        for beside in ({"parent": "1"}, {"group": "1"}, {"site": "main"}):
            with self.assertRaisesRegex(TypeError, "by its GUID alone"):
                ObjectParams("", guid=UUID(GUID), **beside)
        with self.assertRaises(ValueError):
            ObjectParams.by_guid("anna")

    def test_a_page_may_be_meant_in_any_culture(self) -> None:
        self.assertEqual(DocumentParams(GUID, ANY_CULTURE, "main").culture, "")

    def test_warnings_and_the_task_are_there_in_tests(self) -> None:
        testing.task(title="Editors", file_name="teams.json", site="main")
        self.assertEqual((Task().title, Task().file_name, task_info.site), ("Editors", "teams.json", "main"))
        warn("rounded", path="items[3].price")
        warn("guessed")
        self.assertEqual(testing.warnings(), [("rounded", "items[3].price"), ("guessed", None)])
        with self.assertRaises(TypeError):
            warn(7)  # type: ignore[arg-type]
