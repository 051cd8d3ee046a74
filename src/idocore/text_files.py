"""Text files in the encodings that Dutch offices produce."""

from pathlib import Path

from idocore.errors import ExchangeError


def decode(path: Path) -> str:
    """The text of the file: UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ExchangeError("file-unreadable", path=str(path), reason=error.strerror or str(error)) from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
