"""The signatures that the providers publish come out the same here."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from bihuan.base.time import datetime_of
from bihuan.loop.providers import aliyun_signature as aliyun
from bihuan.loop.providers import tencent_signature as tencent
from bihuan.loop.providers.provider import Secret
from bihuan.loop.providers.zhezhengding import ZheZhengDing

# alibabacloud.com and help.aliyun.com, "Request syntax and signature method V3"
ALIYUN_KEY = aliyun.AliyunKey(Secret("YourAccessKeyId"), Secret("YourAccessKeySecret"))
RUN_INSTANCES = aliyun.Action("https://ecs.cn-shanghai.aliyuncs.com", "2014-05-26", "RunInstances")
IMAGE = {
    "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
    "RegionId": "cn-shanghai",
}


@pytest.mark.parametrize(
    ("at_s", "nonce", "published"),
    [
        (
            1_698_315_752,  # 2023-10-26T10:22:32Z
            "3156853299f313e23d1673dc12e1703d",
            "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
        ),
        (
            1_698_310_861,  # 2023-10-26T09:01:01Z
            "d410180a5abf7fe235dd9b74aca91fc0",
            "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804",
        ),
    ],
)
def test_aliyun_signature_is_the_published_one(at_s: int, nonce: str, published: str) -> None:
    request = aliyun.signed(RUN_INSTANCES, IMAGE, ALIYUN_KEY, at_s * 1_000_000 + 7, nonce)
    assert request.headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        f"Signature={published}"
    )


def test_aliyun_query_is_sent_as_it_was_signed() -> None:
    """A space is %20 and a tilde stays: form encoding would break the signature."""
    request = aliyun.signed(RUN_INSTANCES, {"B": "a b*~", "A": "中"}, ALIYUN_KEY, 0, "n")
    assert urlsplit(request.url).query == "A=%E4%B8%AD&B=a%20b%2A~"
    assert parse_qs(urlsplit(request.url).query) == {"A": ["中"], "B": ["a b*~"]}


def test_tencent_signature_is_the_published_one() -> None:
    """tencentcloud.com "Signature v3": DescribeInstances at 1551113065."""
    key = tencent.TencentKey(
        Secret("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"), Secret("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
    )
    body = (
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    )
    said = tencent.authorization(
        "cvm", "cvm.tencentcloudapi.com", body, key, 1_551_113_065 * 1_000_000
    )
    assert said == (
        "TC3-HMAC-SHA256 "
        "Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_zhezhengding_signs_method_time_nonce_path_and_sorted_parameters() -> None:
    """Computed apart with openssl over the five lines, no published vector was found.

    printf 'POST\\n2019-02-26T00:44:25.000+08:00\\n42\\n/message/workNotification\\na=1&b=二' |
    openssl dgst -sha256 -hmac key -binary | base64
    """
    adapter = ZheZhengDing("app", Secret("key"), "1")
    at_us = 1_551_113_065 * 1_000_000
    assert datetime_of(at_us).isoformat() == "2019-02-25T16:44:25+00:00"
    headers = adapter.headers("/message/workNotification", {"b": "二", "a": "1"}, at_us, "42")
    assert headers["X-Hmac-Auth-Timestamp"] == "2019-02-26T00:44:25.000+08:00"
    assert headers["X-Hmac-Auth-Signature"] == "OAM9jOCiC7uFIcglHat+YKHBTEzL5hr1CDHkbXlBDvw="
