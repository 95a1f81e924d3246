"""The root of every error campusnews raises, and the errors of the archive.

    CampusnewsError
    ├── ArchiveError              something is wrong with the archive
    │   ├── ArchiveClosed         a program reads on after closing it: open it again
    │   ├── ArchiveNotFound       no archive there: crawl first, or name another directory
    │   ├── ArchiveLocked         another run holds it: wait for it to end             exit 3
    │   ├── ArchiveDamaged        run `campusnews verify`, keep the files              exit 4
    │   ├── ArchiveReadOnly       make the directory writable, or only read
    │   ├── ArchiveUnreachable    the catalogue's server lets nobody in: start it      exit 2
    │   ├── NotRestored           a compacted file cannot be what it was: install what the message names
    │   └── ArchiveFull           no space left: free some and run again               exit 5
    ├── TargetExists              an export would overwrite a file: --force, or another name  exit 2
    ├── TargetRefused             an export cannot be written there: name another place     exit 2
    ├── InvalidChoice             what was asked for makes no sense; a ValueError too      exit 2
    ├── UnknownRun                the archive has no such run: `campusnews runs` lists them      exit 2
    ├── UnknownCursor             the change stream was never at that place: begin again from 0       exit 2
    ├── MissingExtra              a part is not installed: the message has the `pip install` line     exit 2
    └── …                         `scraper.errors` draws the rest: config and the network

Each class carries the exit code of the command (DESIGN §9).
"""

from __future__ import annotations


class CampusnewsError(Exception):
    """Something a person can act on; the message says how."""

    exit_code = 1


class ArchiveError(CampusnewsError):
    """Something is wrong with the archive; nothing was half-written."""


class ArchiveClosed(ArchiveError):
    """The archive was closed before it was read to the end: open it again, and read within its `with`."""


class ArchiveNotFound(ArchiveError):
    """There is no archive at that place: crawl first, or name another directory."""

    exit_code = 2


class ArchiveLocked(ArchiveError):
    """Another run holds the archive: wait for it to end, then run again."""

    exit_code = 3


class ArchiveDamaged(ArchiveError):
    """The archive contradicts itself: run `campusnews verify` and keep every file."""

    exit_code = 4


class ArchiveReadOnly(ArchiveError):
    """The archive cannot be written: change its permissions, or use a reading command."""

    exit_code = 2


class ArchiveUnreachable(ArchiveError):
    """The catalogue's server does not answer or lets nobody in: start it, or mend its address."""

    exit_code = 2


class NotRestored(ArchiveError):
    """A compacted file cannot be made into its original: install the release that the message names."""


class ArchiveFull(ArchiveError):
    """No space is left where the archive lies: free some and run the same command again."""

    exit_code = 5


class TargetExists(CampusnewsError):
    """An export would overwrite that file: allow it with `--force`, or name another file."""

    exit_code = 2


class TargetRefused(CampusnewsError):
    """An export cannot be written there: make the place writable, or name another one."""

    exit_code = 2


class UnknownCursor(CampusnewsError):
    """The archive never handed out that cursor: name another archive, or begin again from 0."""

    exit_code = 2


class InvalidChoice(CampusnewsError, ValueError):
    """What was asked for makes no sense, such as a day that is none; the message says what would."""

    exit_code = 2


class UnknownRun(CampusnewsError):
    """The archive has no run of that number: `campusnews runs` lists those it has."""

    exit_code = 2


class MissingExtra(CampusnewsError):
    """An optional part is not installed; the message has the `pip install` line."""

    exit_code = 2
