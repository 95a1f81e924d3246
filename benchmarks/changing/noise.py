"""What moves though nobody edited: (page, chance) in, the page as it is served again out. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from changing import moving_noise as moving
from changing import server_noise as server
from changing import template_noise as template
from changing import typing_noise as typing
from changing.pages import Base
from changing.server_noise import declared

KINDS = (
    server.views, server.counter_ids, server.session_ids, server.visitor_tokens, server.cache_busting,
    server.csrf_fields, server.csrf_meta, template.menu, template.latest, template.footer_year,
    template.neighbours, template.comments, server.attribute_order, server.minified, server.pretty,
    server.as_gbk, server.as_utf8, server.as_gb18030, server.references, server.entities,
    server.https_pictures, server.other_host, server.absolute, template.picture_size,
    template.lazy_pictures, template.redesign, typing.wrappers, typing.zero_width, typing.hard_spaces,
    typing.more_space, typing.width, typing.full_width, typing.curly_quotes, template.share_buttons,
    template.print_link, template.advertisement, server.today, server.greeting,
)  # fmt: skip
NOISE: dict[str, Callable[[Base, random.Random], Any]] = {
    kind.__name__: kind for kind in KINDS
} | moving.KINDS


def served(kind: str, base: Base, chance: random.Random) -> tuple[bytes, bytes] | None:
    """Return the page at two looks, with noise of a kind at the second, or another at each; or None."""
    made = NOISE[kind](base, chance)
    if made is None:
        return None
    if isinstance(made, str):
        return base.body, _encoded(made)
    if kind.startswith("as_"):
        return base.body, made[0].encode(made[1], "xmlcharrefreplace")
    return _encoded(made[0]), _encoded(made[1])


def _encoded(page: str) -> bytes:
    return declared(page, "utf-8").encode("utf-8", "xmlcharrefreplace")
