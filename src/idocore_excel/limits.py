"""How much of a workbook we take on, before we ask a native reader to."""

from attrs import frozen

_MB = 1_000_000


@frozen
class Limits:
    """What a file may hold. A sheet of 1,000,000 rows and 12 columns fits; what does not is told, never tried."""

    file_bytes: int = 500 * _MB
    entries: int = 5_000
    sheets: int = 500
    unpacked_bytes: int = 2_000 * _MB
    ratio: int = 250
    """How many times smaller than its content an entry of more than `small_bytes` may be."""
    small_bytes: int = 5 * _MB
    cells: int = 60_000_000
    """How many cells the range from the first to the last filled one may span."""
    sparse: int = 200
    """How many cells of that range there may be for each that is filled, once there are more than `small_cells`."""
    small_cells: int = 1_000_000
    text_bytes: int = 4 * _MB
    """How long a piece of text within a part may be; Excel's own limit for a cell is 32,767 characters."""
    repeats: int = 20_000
    """How often one filled cell of an OpenDocument sheet may be said to repeat."""
    memory: int = 4_000 * _MB
    """The address space of the process that reads."""
    room: int = 80 * _MB
    """What a workbook may take in it, whatever its size, ..."""
    room_per_byte: int = 60
    """... and for each of its unpacked bytes: a small file with a cell far off asks for much more."""
    seconds: float = 300
    """How long one answer of that process may take."""

    def room_for(self, size: int) -> int:
        """How many bytes the reader may take for a workbook of that unpacked size."""
        return self.room + self.room_per_byte * size


LIMITS = Limits()
