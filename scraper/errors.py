"""Every error of the crawler, below the root that `storage.errors` holds.

CampusnewsError
├── ArchiveError …            see `storage.errors`
├── ConfigError               the config is wrong: every mistake with file, line, key     exit 2
├── WorkersLost               every process that fetched and read ended by itself; the run can be gone on with
├── UsageError                the command was called in a way that cannot work            exit 2
├── SourceRefused             a WARC file or a service of old pages cannot be read; says what to do
├── SurveyFailed              a site could not be made out; says what was seen, what to do
└── FetchError                no usable response came; carries `reason`, `url`, `exchanges`
    ├── LeftForLater          nothing was asked: outside the site's `windows`, or `max_requests` are spent
    ├── HostLeftAlone         nothing was asked: the host failed too often in this run
    ├── AddressRefused        the address guard said no: private, loopback, port, scheme
    ├── RobotsDisallowed      robots.txt says no
    │   └── RobotsUnreachable it could not be read, which counts as no: try again in a later run
    ├── Unreachable           DNS, refused, reset, TLS: try the site again in a later run
    ├── DeadlineExceeded      the host was too slow: raise `deadline`, or try again later
    ├── RedirectRefused       a loop, too many hops, or a target we do not follow
    └── ResponseRefused       too large, too many headers, damaged: nothing was taken from it
"""

from __future__ import annotations

from scraper.states import Told, look_of
from storage.errors import CampusnewsError
from storage.records import Exchange, Ruling


class ConfigError(CampusnewsError):
    """The config holds mistakes; `problems` has one line for each, with file, line and key."""

    exit_code = 2

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UsageError(CampusnewsError):
    """The command was called in a way that cannot work; the message says which way does."""

    exit_code = 2


class WorkersLost(CampusnewsError):
    """No process is left that fetches and reads pages; the run keeps its state and can be gone on with."""


class SourceRefused(CampusnewsError):
    """What others kept cannot be read: a file that is no WARC, a service that does not answer as one."""


class SurveyFailed(CampusnewsError):
    """No site could be made of an address; the message says what was seen there and what to do."""


class FetchError(CampusnewsError):
    """No usable response came.

    `reason` is a name of `scraper.states` (`dns`, `timeout`, `robots`, …), `exchanges` what was received on
    the way and is still worth keeping as evidence.
    """

    def __init__(self, reason: str, url: str, detail: str, exchanges: tuple[Exchange, ...] = ()) -> None:
        super().__init__(f"{url}: {detail} ({reason})")
        self.reason = reason
        self.url = url
        self.detail = detail
        self.exchanges = exchanges
        self.rulings: tuple[Ruling, ...] = ()

    @property
    def look(self) -> Told | None:
        """What this tells of the article at the address; null where nothing was asked of it."""
        return look_of(self.reason)


class LeftForLater(FetchError):
    """Nothing was asked, by the site's own settings; a later run goes on. `url` is the host's root."""


class HostLeftAlone(FetchError):
    """Nothing was asked, as the host failed too often in this run. `url` is the host's root."""


class AddressRefused(FetchError):
    """The address guard said no; `allow_private` or `ports` of the site would allow it."""


class RobotsDisallowed(FetchError):
    """robots.txt forbids the path (one that cannot be read forbids all: RFC 9309 §2.3.1.4)."""


class RobotsUnreachable(RobotsDisallowed):
    """robots.txt answered with an error, so the host is not asked for anything; try again in a later run."""


class Unreachable(FetchError):
    """The host gave no response: name, connection or TLS failed; try again in a later run."""


class DeadlineExceeded(FetchError):
    """The whole response did not arrive in time; raise `deadline` or try again later."""


class RedirectRefused(FetchError):
    """Redirects led in a circle, too far, or to where this crawl may not go."""


class ResponseRefused(FetchError):
    """The response was too large or damaged; nothing was taken from it."""
