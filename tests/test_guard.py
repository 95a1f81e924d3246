from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest

from scraper.errors import AddressRefused, Unreachable
from scraper.fetch import guard

LOCAL = [
    "127.0.0.1",
    "127.255.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "::1",
    "fd12::1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "fd00:ec2::254",
    "100::1",
    "4000::1",
]
CARRIERS = [
    "::ffff:{}",
    "::{}",
    "64:ff9b::{}",
    "::ffff:0:{}",
]


def six_to_four(inner: str) -> str:
    packed = socket.inet_aton(inner).hex()
    return f"2002:{packed[:4]}:{packed[4:]}::1"


@pytest.mark.parametrize("address", ["1.2.4.8", "166.111.4.100", "2001:da8::1", "2400:3200::1"])
def test_public_addresses_are_permitted(address: str) -> None:
    assert guard.permitted(ip_address(address))


@pytest.mark.parametrize("address", LOCAL)
def test_local_addresses_need_allow_private(address: str) -> None:
    assert not guard.permitted(ip_address(address))
    assert guard.permitted(ip_address(address), allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_link_local_metadata_and_special_addresses_are_never_permitted(address: str) -> None:
    assert not guard.permitted(ip_address(address))
    assert not guard.permitted(ip_address(address), allow_private=True)


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"])
def test_an_address_carried_inside_another_is_judged_itself(inner: str) -> None:
    forms = [form.format(inner) for form in CARRIERS]
    forms += [six_to_four(inner), f"2001:4860::5efe:{inner}"]
    assert [form for form in forms if guard.permitted(ip_address(form))] == []


def test_teredo_is_never_permitted_for_a_private_client() -> None:
    assert not guard.permitted(ip_address("2001:0:102:408:0:0:80ff:fffe"))


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_one_bad_address_refuses_the_whole_name(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "1.2.4.8", "127.0.0.1")
    with pytest.raises(AddressRefused, match=r"news\.example is at 127\.0\.0\.1.*allow_private") as caught:
        guard.addresses("news.example", 80, "http://news.example/")
    assert caught.value.reason == "address"


def test_the_addresses_keep_the_resolvers_order_without_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "1.2.4.9", "1.2.4.8", "1.2.4.9")
    assert guard.addresses("news.example", 80, "http://news.example/") == ["1.2.4.9", "1.2.4.8"]


def test_a_name_that_does_not_resolve_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(Unreachable) as caught:
        guard.addresses("news.example", 80, "http://news.example/")
    assert caught.value.reason == "dns"


@pytest.mark.parametrize(
    "spelling", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "::ffff:127.0.0.1", "0"]
)
def test_every_spelling_the_resolver_knows_is_judged_after_resolution(spelling: str) -> None:
    with pytest.raises(AddressRefused):
        guard.addresses(spelling, 80, "http://x/")
