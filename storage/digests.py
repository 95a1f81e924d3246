"""SHA-256 of what is kept, and the digests that WARC headers claim. Reads files."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_if_readable(path: Path) -> str | None:
    """Return the SHA-256 of a file; null for a directory or where the disk fails: its records tell where."""
    try:
        return sha256_of(path)
    except OSError:
        return None


class Digest:
    """SHA-256 of what it is fed, and what a header claims in whatever algorithm it names."""

    def __init__(self, claim: str | None) -> None:
        self.claim = f"{claim} is claimed, the bytes have another"
        self._algorithm, _, self._claimed = (claim or "sha256:").partition(":")
        self._sha256 = hashlib.sha256()
        known = self._algorithm in ("md5", "sha1", "sha512")
        self._other = hashlib.new(self._algorithm, usedforsecurity=False) if known else self._sha256

    def update(self, piece: bytes) -> None:
        """Take in the next piece."""
        self._sha256.update(piece)
        if self._other is not self._sha256:
            self._other.update(piece)

    @property
    def sha256(self) -> str:
        """The digest as the catalogue writes it."""
        return "sha256:" + self._sha256.hexdigest()

    def holds(self) -> bool:
        """Tell whether the claim, hexadecimal or Base32, is true; no claim is."""
        digest = self._other.digest()
        forms = (digest.hex(), base64.b32encode(digest).decode().lower())
        return not self._claimed or self._claimed.lower() in forms
