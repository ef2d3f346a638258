"""Outside sign-ins against what providers document, replayed on loopback.

Any request that was not announced fails the test.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.http import HttpResponse
from django.test import Client

from bihuan.base.errors import BadInputError
from bihuan.console.accounts import Desk
from bihuan.console.models import Account
from bihuan.console.outside import binding, providers
from bihuan.console.signin import second
from bihuan.journal.models import Entry
from tests.console.place import PASSWORD, Place
from tests.console.trips import arrive, bind, depart
from tests.loop.providers.loopback import How, Loopback, Played

pytestmark = pytest.mark.django_db(databases="__all__")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
THIEF = rsa.generate_private_key(public_exponent=65537, key_size=2048)
DISCOVERY = "/.well-known/openid-configuration"


def described(far: Loopback) -> Played:
    said = {
        "issuer": far.url,
        "authorization_endpoint": f"{far.url}/authorize",
        "token_endpoint": f"{far.url}/token",
        "jwks_uri": f"{far.url}/keys",
    }
    return Played("GET", DISCOVERY, json.dumps(said))


def keys() -> Played:
    public: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
    public |= {"kid": "k1", "use": "sig", "alg": "RS256"}
    return Played("GET", "/keys", json.dumps({"keys": [public]}))


def token(far: Loopback, place: Place, nonce: str, **different: Any) -> str:
    now_s = place.clock.now_us() // 1_000_000
    claims = {
        "iss": far.url,
        "sub": "u-7731",
        "aud": "bihuan",
        "iat": now_s,
        "exp": now_s + 300,
        "nonce": nonce,
        "name": "沈文启",  # a name opens nothing
    }
    key, kid = different.pop("key", KEY), different.pop("kid", "k1")
    claims = {name: c for name, c in (claims | different).items() if c is not None}
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})


def oidc(client: Client, far: Loopback, place: Place, **different: Any) -> HttpResponse:
    """A whole trip to the city's sign-in and back."""
    far.plays(described(far))
    asked = depart(client, "city")
    nonce = different.pop("nonce", asked["nonce"])
    answer = {"id_token": token(far, place, nonce, **different), "token_type": "Bearer"}
    far.plays(described(far), Played("POST", "/token", json.dumps(answer)), keys())
    return arrive(client, "city", code="c1", state=asked["state"])


def test_oidc_signs_in_whose_identity_is_bound(site: Place, far: Loopback) -> None:
    bind("city", "u-7731")
    client = Client()
    answer = oidc(client, far, site)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "village" in client.get("/me/").content.decode()


def test_oidc_asks_with_pkce_state_and_nonce_and_proves_it(site: Place, far: Loopback) -> None:
    bind("city", "u-7731")
    client = Client()
    far.plays(described(far))
    asked = depart(client, "city")
    fixed = {name: asked[name] for name in ("response_type", "client_id", "scope", "redirect_uri")}
    assert fixed == {
        "response_type": "code",
        "client_id": "bihuan",
        "scope": "openid",
        "redirect_uri": "http://testserver/sign-in/with/city/back",
    }
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    answer = {"id_token": token(far, site, asked["nonce"])}
    far.plays(described(far), Played("POST", "/token", json.dumps(answer)), keys())
    arrive(client, "city", code="c1", state=asked["state"])
    sent = next(got for got in far.got if got.path == "/token")
    form = {name: texts[0] for name, texts in parse_qs(sent.body.decode()).items()}
    proof = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(proof).rstrip(b"=").decode() == asked["code_challenge"]
    assert (form["grant_type"], form["code"]) == ("authorization_code", "c1")
    basic = base64.b64decode(sent.headers["authorization"].removeprefix("Basic "))
    assert basic == b"bihuan:s%3Aecret"  # RFC 6749, 2.3.1


NOW_S = 1772409600  # 2026-03-02T00:00:00Z, when the test's clock begins


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"aud": "another-client"},
        {"aud": ["bihuan", "another"], "azp": "another"},
        {"iss": "https://example.org"},
        pytest.param({"key": THIEF}, id="another key"),
        {"kid": "k2"},
        {"exp": NOW_S - 60},
        {"iat": NOW_S + 600},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
    ],
    ids=str,
)
def test_oidc_token_that_is_not_for_us_now_is_refused(
    site: Place, far: Loopback, wrong: dict[str, Any]
) -> None:
    bind("city", "u-7731")
    client = Client()
    assert oidc(client, far, site, **wrong).status_code == 403
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_oidc_token_without_a_private_key_is_refused(
    site: Place, far: Loopback, algorithm: str
) -> None:
    """No signature at all, and an algorithm that needs no private key."""
    bind("city", "u-7731")
    client = Client()
    far.plays(described(far))
    asked = depart(client, "city")
    claims = jwt.decode(token(far, site, asked["nonce"]), options={"verify_signature": False})
    parts = [{"alg": algorithm, "kid": "k1"}, claims]
    coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
    forged = ".".join([*coded, "" if algorithm == "none" else "c2lnbmVk"])
    far.plays(described(far), Played("POST", "/token", json.dumps({"id_token": forged})), keys())
    assert arrive(client, "city", code="c1", state=asked["state"]).status_code == 403


def test_trip_is_good_once_in_its_browser_with_its_state(site: Place, far: Loopback) -> None:
    bind("city", "u-7731")
    client = Client()
    far.plays(described(far))
    asked = depart(client, "city")
    assert arrive(Client(), "city", code="c1", state=asked["state"]).status_code == 400
    assert arrive(client, "city", code="c1", state="another").status_code == 400
    assert arrive(client, "city", code="c1", state=asked["state"]).status_code == 400


def test_trip_ends_after_ten_minutes_and_belongs_to_its_provider(
    site: Place, far: Loopback
) -> None:
    client = Client()
    asked = depart(client, "dingtalk")
    assert arrive(client, "wecom", code="c1", state=asked["state"]).status_code == 400
    asked = depart(client, "dingtalk")
    site.wall.advance(minutes=10)
    assert arrive(client, "dingtalk", authCode="c1", state=asked["state"]).status_code == 400


def test_identity_that_nobody_bound_is_nobody_whatever_its_name(site: Place, far: Loopback) -> None:
    """The token says 沈文启, and 沈文启 has an account."""
    client = Client()
    answer = oidc(client, far, site)
    assert answer.status_code == 403
    assert "还没有和本系统的账号绑定" in answer.content.decode()


def test_person_binds_while_signed_in_and_comes_back_by_it(site: Place, far: Loopback) -> None:
    client = Client()
    client.post("/sign-in/", {"username": "village", "password": PASSWORD})
    assert oidc(client, far, site)["Location"] == "/me/"
    assert oidc(client, far, site)["Location"] == "/me/"  # again: nothing happens
    assert Entry.objects.filter(type="identity.bound.v1").count() == 1
    body = bytes(Entry.objects.get(type="identity.bound.v1").body or b"")
    assert b"u-7731" not in body
    other = Client()
    assert oidc(other, far, site)["Location"] == "/"
    stranger = site.client("stranger")
    assert oidc(stranger, far, site).status_code == 409
    number = str(binding.of(Account.objects.get(user__username="village"))[0].binding_id)
    client.post("/me/change/identity-off", {"binding": number, "old": PASSWORD})
    assert oidc(Client(), far, site).status_code == 403


def test_outside_sign_in_still_asks_for_our_second_step(site: Place, far: Loopback) -> None:
    bind("city", "u-7731")
    account = Account.objects.get(user__username="village")
    secret, _address = second.begin(account, "青禾县", Desk.here())
    code = pyotp.TOTP(secret).at(site.clock.now_us() // 1_000_000)
    second.confirm(account, code, Desk.here())
    client = Client()
    assert oidc(client, far, site)["Location"] == "/sign-in/second/"
    assert client.get("/").status_code == 302


def test_disabled_account_is_not_opened_from_outside(site: Place, far: Loopback) -> None:
    bind("city", "u-7731")
    account = Account.objects.get(user__username="village")
    account.user.is_active = False
    account.user.save()
    assert oidc(Client(), far, site).status_code == 403


@pytest.mark.parametrize("how", ["cut", "whole"])
def test_provider_that_breaks_off_is_a_refusal(site: Place, far: Loopback, how: How) -> None:
    body = json.dumps({"issuer": far.url})
    far.plays(Played("GET", DISCOVERY, body, how=how))
    assert Client().get("/sign-in/with/city/").status_code == 502


@pytest.mark.parametrize("name", ["city", "dingtalk", "wecom", "zzd"])
def test_person_who_says_no_is_not_signed_in(site: Place, far: Loopback, name: str) -> None:
    client = Client()
    if name == "city":
        far.plays(described(far), described(far))
    asked = depart(client, name)
    assert arrive(client, name, error="access_denied", state=asked["state"]).status_code == 403


def test_sign_in_page_offers_what_is_set_up_in_both_languages(site: Place) -> None:
    page = site.client().get("/sign-in/").content.decode()
    assert "浙政钉扫码" in page
    assert "/sign-in/with/zzd/" in page
    english = site.client(language="en").get("/sign-in/").content.decode()
    assert "Zhezhengding" in english


def test_unknown_provider_is_not_there(site: Place) -> None:
    assert Client().get("/sign-in/with/nobody/").status_code == 404
    assert Client().get("/sign-in/with/nobody/back").status_code == 404


def test_configuration_with_faults_names_every_one(place: Place, data: Path) -> None:
    (data / providers.FILE).write_text(
        '[a]\nkind = "saml"\n[b]\nkind = "oidc"\ntitle = "x"\nissuer = "http://example.org"\n'
    )
    with pytest.raises(BadInputError) as refused:
        providers.offered()
    assert [fault.field.split("] ")[1] for fault in refused.value.faults] == [
        "kind",
        "title",
        "client_id",
        "client_secret",
        "issuer",
    ]
