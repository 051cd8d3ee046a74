"""From an address, or a host's own engine or connection, to a register; and from a backup back to an address."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from idocore import plugins, rules
from idocore.errors import ExchangeError
from idocore.knowledge import Knowledge
from idocore.periods import now as system_clock
from idocore.register import Register
from idocore.roles import Actor
from idocore.seals import Seal
from idocore.store import Store

LOCAL_OWNER = "local-owner"
"""Who acts when nobody else was named: the person whose machine this is."""


def open_register(
    url: str | None = None,
    *,
    engine: Any = None,
    connection: Any = None,
    schema: str | None = None,
    actor: str = LOCAL_OWNER,
    clock: Callable[[], datetime] = system_clock,
    themes: str = "ido",
    extra_rules: Iterable[rules.Rule] = (),
) -> Register:
    """Open the register at `url` (``memory:``, ``sqlite:///ido.db``, ``postgresql://...``, or any installed backend).

    A host passes its own SQLAlchemy `engine`, or a `connection` whose transaction the register then joins; `schema`
    names where our tables live in it. `themes` names the plugin that brings the themes. Whoever opens a register acts
    as its owner, `actor`, until `acting_as`. The scheme of the url names the backend, and only that one is loaded;
    raises PluginNotFoundError, PluginDependencyError, StoreUnavailableError.
    """
    store = _open_store(url, engine, connection, schema)
    try:
        return _furnish(store, actor, clock, themes, tuple(extra_rules))
    except BaseException:
        store.close()
        raise


def _open_store(url: str | None, engine: Any, connection: Any, schema: str | None) -> Store:
    if engine is not None or connection is not None:
        host: Store = plugins.load("idocore.stores", "sqlalchemy")(engine=engine, connection=connection, schema=schema)
        return host
    scheme = (url or "memory:").partition(":")[0].partition("+")[0]
    opened: Store = plugins.load("idocore.stores", scheme)(url or "memory:")
    return opened


def _furnish(
    store: Store, actor: str, clock: Callable[[], datetime], themes: str, extra_rules: tuple[rules.Rule, ...]
) -> Register:
    knowledge = Knowledge.of(store, themes)
    return Register(store, Actor(actor), clock, knowledge, rules.DEFAULT_RULES + extra_rules)


def restore_backup(path: str | Path, url: str, *, seal: Seal | None = None, actor: str = LOCAL_OWNER) -> Register:
    """Put the backup at `path` into the empty address `url`, check it, and open it.

    It goes on in streams of its own, so that it and what it was made of never write the same stream. Raises
    ExchangeError when it is no backup for that address, or lacks what `seal` holds: then it was put there all the same,
    and may be looked into, or taken away.
    """
    if not Path(path).is_file():
        raise ExchangeError("file-unreadable", path=str(path), reason="no such file")
    scheme = url.partition(":")[0].partition("+")[0]
    plugins.load("idocore.restorers", scheme)(Path(path), url)
    register = open_register(url, actor=actor)
    # First of all: what is put back never writes in the streams of what it was made of, whatever is wrong with it.
    register._store.adopt()
    faults = [] if seal is None else list(seal.breaches(register._store))
    if faults:
        register.close()
        raise ExchangeError("backup-lacks", path=str(path), reason=faults[0].message())
    return register
