"""The county's own certificate authority and the site's certificate, made on this machine.

data/tls/ca.crt     goes onto every phone, once; good for ten years
data/tls/ca.key     signs the site's certificate; keep a copy elsewhere, or take it away
data/tls/site.crt   the site's, followed by the authority's; 397 days, as phones accept
data/tls/site.key   the site's key
data/tls/hosts.txt  the names and addresses that the site's certificate is good for
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock, datetime_of

CA_DAYS: Final = 3650
SITE_DAYS: Final = 397  # phones refuse what is good for longer
SKEW: Final = timedelta(minutes=5)  # of the clocks of phones
_HOST = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)


class Made(NamedTuple):
    """What was made. is_new_ca: whether phones need the authority's certificate anew."""

    folder: Path
    hosts: tuple[str, ...]
    until: datetime
    is_new_ca: bool
    fingerprint: str


class _Signer(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make(folder: Path, hosts: Sequence[str], title: str, clock: Clock) -> Made:
    """Make the site's certificate, and the authority where there is none. Raises BadInputError."""
    names = _names(hosts)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    now = datetime_of(clock.now_us())
    is_new = not (folder / "ca.crt").exists()
    ca = _new_ca(folder, title, now) if is_new else _kept_ca(folder, now)
    site = _site(folder, ca, names, now)
    _write(folder / "hosts.txt", "\n".join(hosts).encode() + b"\n", 0o644)
    fingerprint = ca.certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    return Made(folder, tuple(hosts), site.not_valid_after_utc, is_new, fingerprint)


def _names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    faults = []
    for host in hosts:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(host)))
            continue
        except ValueError:
            pass
        if _HOST.fullmatch(host):
            found.append(x509.DNSName(host))
        else:
            faults.append(Fault("host", host, "a host name in lower case, or an address"))
    if not hosts:
        faults.append(Fault("host", "none", "every name by which phones reach the site"))
    if faults:
        raise BadInputError(*faults)
    return found


def _new_ca(folder: Path, title: str, now: datetime) -> _Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{title} Bihuan CA"[:64])])
    public = key.public_key()
    certificate = (
        _builder(name, name, public, now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca.key", _pem(key), 0o600)
    _write(folder / "ca.crt", certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return _Signer(certificate, key)


def _kept_ca(folder: Path, now: datetime) -> _Signer:
    certificate = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
    try:
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    except FileNotFoundError:
        raise bad("ca.key", "none", "the authority's key back in this folder") from None
    if (
        not isinstance(key, ec.EllipticCurvePrivateKey)
        or key.public_key() != certificate.public_key()
    ):
        raise bad("ca.key", "another key", "the key of ca.crt")
    if certificate.not_valid_after_utc < now + timedelta(days=SITE_DAYS):
        raise bad(
            "ca.crt",
            f"good until {certificate.not_valid_after_utc:%Y-%m-%d}",
            "a new authority: move both ca files away first",
        )
    return _Signer(certificate, key)


def _site(
    folder: Path, ca: _Signer, names: list[x509.GeneralName], now: datetime
) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bihuan")])
    issuer_key = x509.SubjectKeyIdentifier.from_public_key(ca.key.public_key())
    certificate = (
        _builder(subject, ca.certificate.subject, key.public_key(), now, SITE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key),
            critical=False,
        )
        .sign(ca.key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    _write(folder / "site.key", _pem(key), 0o600)
    chain = certificate.public_bytes(pem) + ca.certificate.public_bytes(pem)
    _write(folder / "site.crt", chain, 0o644)
    return certificate


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now - SKEW + timedelta(days=days))
    )


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others for a moment."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    fresh.replace(path)
