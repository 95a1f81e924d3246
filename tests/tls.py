"""Certificates and TLS contexts for tests: those in `tls/`, and weak ones that OpenSSL's command makes."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

TLS = Path(__file__).parent / "tls"  # a test authority and what it signed; the keys guard nothing
CA = str(TLS / "ca.pem")


def certificate(name: str | Path, ciphers: str | None = None) -> ssl.SSLContext:
    """Return a server's context with a certificate of `tls/`, or another file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers is not None:
        context.set_ciphers(ciphers)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(TLS / name)
    return context


def only_tls_1_0() -> ssl.SSLContext:
    """Return the context of a server that was last set up long ago."""
    context = certificate("good.pem", "ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1
    return context


def weak_key(directory: Path) -> Path:
    """Make a certificate for localhost with an RSA key of 1024 bits that signs itself; return its file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl command")
    made = directory / "weak.pem"
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "30"]
    new = [openssl, "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", directory / "key.pem"]
    subprocess.run([*new, "-out", directory / "cert.pem", *named], check=True, capture_output=True)
    made.write_bytes((directory / "key.pem").read_bytes() + (directory / "cert.pem").read_bytes())
    return made
