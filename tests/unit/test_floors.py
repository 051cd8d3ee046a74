"""The floors of the house, as far as an import contract cannot say it."""

import ast
from pathlib import Path

import idocore


def test_the_command_line_uses_only_public_names() -> None:
    """A front end takes what `idocore` offers, so that anybody can write one: no module below it by name.

    The demo nation is a thing of its own and is imported only by the command that needs it.
    """
    offered = {*idocore.__all__, "plugins"}
    for file in Path(idocore.__file__).parent.parent.joinpath("idocore_cli").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "idocore":
                assert node.module in ("idocore", "idocore.simulation"), (file.name, node.lineno)
                assert node.module != "idocore" or {name.name for name in node.names} <= offered


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    """What `__all__` lists exists, once, and has a docstring of its own where it can have one."""
    assert len(set(idocore.__all__)) == len(idocore.__all__)
    for name in idocore.__all__:
        offered = getattr(idocore, name)
        if callable(offered) and isinstance(offered, type):
            assert (offered.__doc__ or "").strip(), name
