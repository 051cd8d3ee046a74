"""The store passes the suite of idocore, is the same as the model, and outlives crashes and second processes."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from idocore_folder import FolderStore, open_folder

from idocore.errors import StoreError, StoreUnavailableError
from idocore.purges import Purge
from idocore.store import Selection, Store
from idocore.testing import StoreTests, run_machine
from idocore.testing.stores import about, registration, revision
from idocore.testing.strategies import THEMES


class TestFolder(StoreTests):
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], Store]:
        numbers = iter(range(10_000))
        return lambda: FolderStore(tmp_path / str(next(numbers)))

    @pytest.fixture
    def store(self, make_store: Callable[[], Store]) -> Iterator[Store]:
        store = make_store()
        yield store
        store.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "register"


def stream_file(directory: Path) -> Path:
    """The file of the one stream that has something in it."""
    return next(file for file in directory.glob("*.jsonl") if not file.name.startswith("texts") and file.stat().st_size)


def test_it_means_the_same_as_the_model(tmp_path: Path) -> None:
    """Step by step the same as the memory store, closed and opened now and then."""
    numbers, places = iter(range(10_000)), dict[Store, Path]()

    def open_at(place: Path) -> Store:
        store = FolderStore(place)
        places[store] = place
        return store

    def reopen(store: Store) -> Store:
        store.close()
        return open_at(places.pop(store))

    assert run_machine(lambda: open_at(tmp_path / str(next(numbers))), reopen=reopen, steps=2000) >= 2000


def test_what_a_crash_left_is_cut_off(directory: Path) -> None:
    """A torn last line, or a whole one that was never committed, does not count; writing goes on where it did."""
    store = open_folder(f"folder:{directory}")
    store.append([revision(registration(1))])
    store.close()
    with stream_file(directory).open("a") as file:
        file.write('["0000", "{\\"torn')
    store = open_folder(f"folder:{directory}")
    store.append([revision(registration(2))])
    assert len(store.find(Selection())) == 2
    assert list(store.verify()) == []
    store.close()


def test_a_second_process_is_refused(directory: Path) -> None:
    """As long as one has it open; then the other may."""
    store = open_folder(f"folder:{directory}")
    code = f"import idocore_folder as f; f.open_folder('folder:{directory}').close()"
    refused = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "StoreUnavailableError" in refused.stderr
    with pytest.raises(StoreUnavailableError):
        open_folder(f"folder:{directory}")
    store.close()
    subprocess.run([sys.executable, "-c", code], check=True)


def test_purged_texts_are_in_no_file(directory: Path) -> None:
    """Nor is who wrote them, when that was asked."""
    store = open_folder(f"folder:{directory}")
    made = revision(registration(answers={"note": "geheim-woord"}), actor="ann-1")
    store.append([made])
    assert any(b"geheim-woord" in file.read_bytes() for file in directory.iterdir())
    store.append([about(Purge(made.subject, 1, actors=True))])
    assert not any(word in file.read_bytes() for file in directory.iterdir() for word in (b"geheim-woord", b"ann-1"))
    store.close()


def test_a_damaged_file_is_found(directory: Path) -> None:
    """An altered entry breaks the chain; a file that is no JSON any more cannot be opened."""
    store = open_folder(f"folder:{directory}")
    store.install(THEMES)
    store.append([revision(registration(1))])
    file = stream_file(directory)
    file.write_text(file.read_text().replace("centrale", "centrolo"))
    store.append([revision(registration(2))])
    assert [found.code for found in store.verify()] == ["journal-broken"]
    store.close()
    file.write_text("x" * file.stat().st_size)
    with pytest.raises(StoreError, match="damaged"):
        open_folder(f"folder:{directory}")
