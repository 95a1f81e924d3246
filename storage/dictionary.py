"""The dictionary of a compacted file: what the pages of its sites share, and records packed by it. Pure.

The format allows one dictionary for a file, and one run keeps the pages of all its sites in it: so it grows
with the sites, up to what memory and every reader of the format can bear, and each has an equal part in what
it is trained on. The same records give the same dictionary, whose id is taken from what is in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from storage.frames import DICTIONARY, engine, skippable

LEVEL = 15  # above it a few per cent less for several times the time
MOST_SAMPLES = 1 << 25  # bytes
_PER_SITE = 112 << 10  # bytes; pages of one site gain little by more
_MOST = 1 << 22  # bytes; a reader holds them, the format lets it refuse more than 2^23
_PIECE = 2048  # the trainer wants many samples, and a file may hold three pages
_PRIVATE = range(1 << 15, 1 << 31)  # ids that are nobody's, RFC 8878 §5


def trained(samples: Sequence[bytes], sites: int) -> bytes | None:
    """Return a dictionary for records like the samples, of so many sites; null where they are too few."""
    library = engine()
    pieces = [sample[at : at + _PIECE] for sample in samples for at in range(0, len(sample), _PIECE)]
    size = min(_MOST, max(1, sites) * _PER_SITE)
    try:
        # Segments of 1024 bytes told apart by 8: what one tuned on pages of several CMSs came to.
        made = library.train_dictionary(size, pieces, k=1024, d=8, f=20, accel=1, dict_id=_PRIVATE[0])
    except library.ZstdError:  # that is what it says of too few
        return None
    data: bytes = made.as_bytes()
    number = int.from_bytes(hashlib.sha256(data[8:]).digest()[:8], "big")
    return data[:4] + _PRIVATE[number % len(_PRIVATE)].to_bytes(4, "little") + data[8:]


def dictionary_frame(data: bytes, magic: int = DICTIONARY) -> bytes:
    """Return a dictionary, packed itself, as the frame that has to come first."""
    return skippable(magic, engine().ZstdCompressor(level=19, write_checksum=True).compress(data))


class Packer:
    """Makes frames of records: size, checksum and the dictionary's id in the header, as the format asks."""

    def __init__(self, dictionary: bytes) -> None:
        library = engine()
        held = library.ZstdCompressionDict(dictionary, dict_type=library.DICT_TYPE_FULLDICT)
        held.precompute_compress(level=LEVEL)
        self._compressor = library.ZstdCompressor(
            level=LEVEL, dict_data=held, write_checksum=True, write_content_size=True, write_dict_id=True
        )

    def frame(self, record: bytes) -> bytes:
        """Return the record as one frame."""
        made: bytes = self._compressor.compress(record)
        return made
