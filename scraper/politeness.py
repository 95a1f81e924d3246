"""How gently hosts are asked: what stands at the top level of a config and again in a site. Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from scraper.checks import Proxy, Window

PUBLIC_DELAY = 0.1
"""The shortest delay, in seconds, for a site that is not ours alone."""


class Settings(BaseModel):
    """Settings as they are read: none unknown, none of another type, none changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Politeness(Settings):
    """How gently hosts are asked; at the top level for every site, in a site for that site."""

    delay: float = Field(
        default=1.0,
        ge=PUBLIC_DELAY,
        le=3600,
        description="Seconds between two requests to one host; a slow host and its robots.txt can raise it.",
    )
    deadline: float = Field(
        default=60.0,
        ge=1,
        le=3600,
        description="Seconds a whole response may take, from the first byte sent.",
    )
    retries: int = Field(
        default=3, ge=0, le=10, description="How often a request is tried again after a passing failure."
    )
    max_bytes: int = Field(
        default=20 * 2**20,
        ge=1024,
        le=2**30,
        description="Largest response taken, in bytes, packed or unpacked.",
    )
    max_wait: float = Field(
        default=60.0,
        ge=0,
        le=86400,
        description="Longest wait, in seconds, that Retry-After, Crawl-delay or a slow host can ask for.",
    )
    give_up_after: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="Failures in a row after which a host is left alone for the rest of the run; four busy "
        "answers (429, 502, 503, 504) count as one.",
    )
    max_requests: int | None = Field(
        default=None,
        ge=1,
        le=10**7,
        description="Requests of a run to one site; what is left over is left for the next run.",
    )
    windows: tuple[Window, ...] = Field(
        default=(),
        max_length=50,
        description="Hours in which a site may be asked, on the clock of its time zone: "
        "`01:00-06:00`, `Mon-Fri 22:00-06:00`; left out, always.",
        examples=[["Mon-Fri 22:00-06:00", "Sat,Sun 00:00-24:00"]],
    )
    proxy: Proxy | None = Field(
        default=None,
        max_length=2048,
        description="Proxy to go through, http or https, without a password. It resolves the names, so the "
        "guard against private addresses sees only hosts written as numbers.",
        examples=["http://proxy.example.edu:3128"],
    )
