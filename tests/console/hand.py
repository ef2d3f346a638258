"""A person's hand on the pages: follows the links and presses the buttons that stand there.

Nothing is asked that a page did not offer; every tap and every field that is written is counted.
A tap is a link followed or a button pressed. A choice that the form brings along costs nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client

VOID = ("input", "br", "img", "meta", "link", "hr")


@dataclass
class Form:
    """A form as it stands: where it goes, what it brings along, its buttons by their words."""

    method: str
    action: str
    brings: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class Read(HTMLParser):
    """The links and forms of a page, each with the words that a person reads on it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._open: list[tuple[str, dict[str, str], int]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: text or "" for name, text in attrs}
        if tag == "form":
            self._form = Form(has.get("method", "get"), has.get("action", ""))
            self.forms.append(self._form)
        elif tag == "input":
            self._input(has)
        elif tag == "option" and self._select is not None and "selected" in has:
            self._bring(self._select, has.get("value", ""))
        if tag in ("select", "textarea") and self._form is not None:
            self._form.names.add(has.get("name", ""))
        if tag not in VOID:
            self._open.append((tag, has, len(self.words)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _has, _begun in self._open):
            name, has, begun = self._open.pop()
            said = " ".join(" ".join(self.words[begun:]).split())
            if name == "a" and "href" in has:
                self.links.append((has.get("aria-label") or said, has["href"]))
            elif name == "button" and self._form is not None:
                sends = {has["name"]: has.get("value", "")} if "name" in has else {}
                self._form.buttons.append((has.get("aria-label") or said, sends))
            elif name == "textarea" and self._form is not None and said:
                self._bring(has.get("name", ""), said)
            elif name == "form":
                self._form = None
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def _select(self) -> str | None:
        return next((has.get("name") for tag, has, _n in self._open if tag == "select"), None)

    def _input(self, has: dict[str, str]) -> None:
        if self._form is None or "name" not in has:
            return
        self._form.names.add(has["name"])
        kind = has.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in has:
                self._bring(has["name"], has.get("value", "on"))
        elif kind not in ("file", "submit") and has.get("value"):
            self._bring(has["name"], has["value"])

    def _bring(self, name: str, text: str) -> None:
        assert self._form is not None
        self._form.brings.setdefault(name, []).append(text)


class Hand:
    """One person at one browser. taps, typed: what the walk has cost so far."""

    def __init__(self, client: Client, path: str = "/") -> None:
        self.client, self.taps, self.typed = client, 0, 0
        self.look(path)

    def look(self, path: str) -> None:
        """What comes by itself: a page that is open already, or a link that was sent."""
        answer = self.client.get(path, follow=True)
        assert answer.status_code == 200, (path, answer.status_code)
        self._stand(answer, path)

    @property
    def words(self) -> str:
        """What stands on the page, without its marks."""
        return " ".join(" ".join(self.page.words).split())

    def follow(self, words: str, within: str = "") -> None:
        """Tap the first link whose words hold these; within: and whose address begins so."""
        found = [at for said, at in self.page.links if words in said and at.startswith(within)]
        assert found, f"{self.at}: got no link {words!r}, want one of {self.page.links}"
        self.taps += 1
        self.look(urljoin(self.at, found[0]))

    def press(self, words: str, *, goes_to: str = "", **typed: Any) -> None:
        """Tap a button after writing into its form; files are no typing."""
        found = [
            (form, sends)
            for form in self.page.forms if goes_to in (form.action or self.at)
            for said, sends in form.buttons if words in said
        ]  # fmt: skip
        assert found, f"{self.at}: got no button {words!r}, want one"
        form, sends = found[0]
        strange = set(typed) - form.names
        assert not strange, f"{self.at}: got no field {strange}, want one of {form.names}"
        self.taps += 1
        self.typed += sum(isinstance(one, str) for one in typed.values())
        said: dict[str, Any] = {**form.brings, **sends, **typed}
        where = urljoin(self.at, form.action or self.at)
        ask = self.client.post if form.method == "post" else self.client.get
        answer = ask(where, said, follow=True)
        faults = re.findall(
            r'class="[^"]*faults[^>]*>(.*?)<', answer.content.decode("utf-8", "replace")
        )
        assert answer.status_code == 200, (where, answer.status_code, faults)
        self._stand(answer, where)

    def _stand(self, answer: Any, asked: str) -> None:
        self.at = answer.redirect_chain[-1][0] if answer.redirect_chain else asked
        self.content: bytes = answer.content
        self.kind: str = answer["Content-Type"]
        self.page = Read(answer.content.decode() if "text/html" in self.kind else "")
