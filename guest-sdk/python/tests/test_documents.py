"""The documentation is true: doctests, the README's blocks, and the copy of the contract."""

import doctest
import importlib
import pkgutil
import re
import unittest
from pathlib import Path

import lockgate_guest
from lockgate_guest import External, http, testing

HERE = Path(__file__).resolve().parent.parent
README = (HERE / "README.md").read_text(encoding="utf-8")


def load_tests(_loader: unittest.TestLoader, tests: unittest.TestSuite, _pattern: str | None) -> unittest.TestSuite:
    for module in pkgutil.iter_modules(lockgate_guest.__path__):
        if module.name not in ("_guest", "__main__"):
            tests.addTests(doctest.DocTestSuite(importlib.import_module(f"lockgate_guest.{module.name}")))
    return tests


class Documents(unittest.TestCase):
    def test_the_readme_shows_the_example_as_it_is(self) -> None:
        for name in ("teams.py", "test_teams.py", "manifest.toml"):
            self.assertIn((HERE / "examples" / name).read_text(encoding="utf-8"), README, name)

    def test_every_block_of_python_in_the_readme_runs(self) -> None:
        blocks = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
        self.assertGreater(len(blocks), 4)
        for block in blocks:
            if "class Teams" in block:
                # The example, which has tests of its own.
                continue
            with self.subTest(block=block):
                testing.settings(base_url="https://crm.example.com", currency="EUR")
                testing.secrets(token="placeholder")
                testing.answer_with(lambda _: http.Response(200, [], b'{"name": "Anna"}'))
                known = {"id": "7", "external": External("application/json", b'{"id": 7, "price": 19.99, "tags": ["a"]}')}
                exec(compile(block, "README.md", "exec"), {"__name__": "readme", **vars(lockgate_guest), **known})
                testing.reset()

    def test_the_package_carries_the_contract_and_the_licence_as_they_are(self) -> None:
        repository = HERE.parent.parent
        for own, original in (
            ("src/lockgate_guest/wit/deps/lockgate-connector/connector.wit", "wit/connector.wit"),
            ("LICENSE", "LICENSE"),
        ):
            self.assertEqual((HERE / own).read_bytes(), (repository / original).read_bytes(), f"copy {original} to {own}")
