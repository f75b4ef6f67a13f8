"""The documentation is true: doctests, the README's example, and the copy of the contract."""

import doctest
import importlib
import pkgutil
import unittest
from pathlib import Path

import lockgate_guest

HERE = Path(__file__).resolve().parent.parent


def load_tests(_loader: unittest.TestLoader, tests: unittest.TestSuite, _pattern: str | None) -> unittest.TestSuite:
    for module in pkgutil.iter_modules(lockgate_guest.__path__):
        if module.name not in ("_guest", "__main__"):
            tests.addTests(doctest.DocTestSuite(importlib.import_module(f"lockgate_guest.{module.name}")))
    return tests


class Documents(unittest.TestCase):
    def test_the_readme_shows_the_example_as_it_is(self) -> None:
        readme = (HERE / "README.md").read_text(encoding="utf-8")
        for name in ("teams.py", "test_teams.py", "manifest.toml"):
            self.assertIn((HERE / "examples" / name).read_text(encoding="utf-8"), readme, name)

    def test_the_package_carries_the_contract_as_it_is(self) -> None:
        own = HERE / "src/lockgate_guest/wit/deps/lockgate-connector/connector.wit"
        contract = HERE.parent.parent / "wit/connector.wit"
        self.assertEqual(own.read_bytes(), contract.read_bytes(), f"copy {contract} to {own}")
