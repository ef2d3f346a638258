"""Signing in by an identity of somewhere else: OIDC, DingTalk, WeCom, 浙政钉."""
