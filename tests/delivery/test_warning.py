"""A contact is told by mail, through a real mail server, when one attempt is left: once for each failing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from config.mail import mail_server
from delivery import schedule, warning
from tests import factories
from tests.delivery.mailbox import CONTACT, Mailbox, free_port, taking_mail, through
from tests.delivery.receiver import Handler, Receiver, Wound, listening
from tests.factories import BKN, NAME, NIP
from tests.partner import Partner, call, said
from tests.sequencing import Sequencing


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    with taking_mail(settings) as one:
        yield one


@pytest.fixture
def wound() -> Wound:
    return Wound()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.LINTAS_WEBHOOKS_TO_LOOPBACK = True
    with listening() as one:
        yield one


def _refuses(handler: Handler, _: dict[str, Any]) -> None:
    handler.answers(500)


def _failing(receiver: Receiver, wound: Wound, sequenced: Sequencing, **more: Any) -> dict[str, Any]:
    """A webhook that is proven, has an event to bring, and whose receiver refuses it from now on."""
    answer = Partner(BKN).post("/webhooks", {"url": receiver.url, "contact": CONTACT, **more})
    assert answer.status_code == 201, answer.content
    wound.turns()
    factories.story()
    sequenced()
    answers, receiver.answer = receiver.answer, _refuses
    assert answers is not _refuses
    return dict(said(answer))


def _until_one_is_left(wound: Wound) -> None:
    for delay in schedule.DELAYS[: len(schedule.DELAYS) - 1]:
        wound.passes(delay * 1.2 + 1)
        wound.turns()


def read(webhook: dict[str, Any]) -> dict[str, Any]:
    return dict(said(Partner(BKN).get(f"/webhooks/{webhook['id']}")))


def test_its_contact_is_told_a_day_before_a_webhook_is_paused_and_once(
    sequenced: Sequencing, receiver: Receiver, wound: Wound, mailbox: Mailbox
) -> None:
    webhook = _failing(receiver, wound, sequenced)
    wound.turns()
    assert wound.warns() == 0, "it has only begun to fail"
    _until_one_is_left(wound)
    stands = read(webhook)
    assert (stands["status"], stands["warning"]) == ("active", None)
    assert [wound.warns() for _ in range(3)] == [1, 0, 0]
    (mail,) = mailbox.got
    assert (mail["To"], mail["Auto-Submitted"]) == (CONTACT, "auto-generated")
    text = mail.get_content()
    for told in (
        webhook["id"],
        "bkn-system",
        "127.0.0.1",
        stands["pauses_at"],
        stands["failing_since"],
        "dihentikan",
        "paused",
    ):
        assert told in text, told
    assert "/hook" not in text, "the path may hold a secret of the receiver's"
    assert NIP not in text
    assert NAME not in text
    assert read(webhook)["warning"]["status"] == "sent"
    # It is back, and fails again later: that is another failing.
    receiver.answer = lambda handler, _: handler.answers(204)
    wound.passes(30 * 3600)
    wound.turns()
    assert read(webhook)["warning"] is None
    factories.story()
    sequenced()
    receiver.answer = _refuses
    wound.turns()
    _until_one_is_left(wound)
    assert [wound.warns(), wound.warns()] == [1, 0]
    assert len({mail["Message-ID"] for mail in mailbox.got}) == 2


def test_a_refused_mailbox_is_told_to_the_subscriber_and_one_that_is_put_off_is_tried_again(
    sequenced: Sequencing, receiver: Receiver, wound: Wound, mailbox: Mailbox
) -> None:
    webhook = _failing(receiver, wound, sequenced)
    wound.turns()
    _until_one_is_left(wound)
    mailbox.says = "451 later"
    assert [wound.warns(), wound.warns()] == [0, 0]
    assert read(webhook)["warning"] is None
    wound.passes(warning.AGAIN_AFTER.total_seconds() + 1)
    mailbox.says = "550 no such mailbox"
    assert wound.warns() == 0
    assert (read(webhook)["warning"]["status"], mailbox.got) == ("refused", [])
    wound.passes(warning.AGAIN_AFTER.total_seconds() + 1)
    mailbox.says = "250 OK"
    assert (wound.warns(), mailbox.got) == (0, [])


def test_a_contact_of_a_client_that_left_the_register_hears_nothing_and_the_log_says_so(
    sequenced: Sequencing,
    receiver: Receiver,
    wound: Wound,
    mailbox: Mailbox,
    owner_connection: psycopg.Connection[Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    webhook = _failing(receiver, wound, sequenced)
    wound.turns()
    _until_one_is_left(wound)
    owner_connection.execute("UPDATE agencies_client SET active = false WHERE client_id = 'bkn-system'")
    assert [wound.warns() for _ in range(3)] == [0, 0, 0]
    assert mailbox.got == []
    said_so = [one.getMessage() for one in caplog.records if webhook["id"] in one.getMessage()]
    why = "its contact is not told of a pause, because nothing is sent to client bkn-system any more"
    assert said_so == [f"webhook {webhook['id']}: {why}"], "once a day"
    # Nothing is sent to it and so nothing pauses it; one that comes back within a day is told nothing either.
    wound.passes(25 * 3600)
    assert wound.turns() == 0
    owner_connection.execute("UPDATE agencies_client SET active = true WHERE client_id = 'bkn-system'")
    assert (wound.warns(), len(mailbox.got)) == (1, 1)


def test_a_mail_server_that_hangs_delays_no_delivery(
    sequenced: Sequencing, receiver: Receiver, wound: Wound, settings: Settings
) -> None:
    webhook = _failing(receiver, wound, sequenced)
    wound.turns()
    _until_one_is_left(wound)
    settings.EMAIL_TIMEOUT = 0.2
    with _silent() as port:
        through(settings, port)
        assert wound.warns() == 0
    through(settings, free_port())
    wound.passes(warning.AGAIN_AFTER.total_seconds() + 1)
    assert wound.warns() == 0, "nobody listens there"
    assert read(webhook)["warning"] is None
    settings.LINTAS_SMTP_URL = ""
    wound.passes(warning.AGAIN_AFTER.total_seconds() + 1)
    assert wound.warns() == 0, "no mail server is set"


@contextmanager
def _silent() -> Iterator[int]:
    """Takes a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []
        threading.Thread(target=lambda: held.append(server.accept()[0]), daemon=True).start()
        yield int(server.getsockname()[1])
        for one in held:
            one.close()


@pytest.mark.parametrize(
    "contact", ["", "a", "a@b", "a@b.go.id,c@d.go.id", "Ani <ani@b.go.id>", "a@b.go.id\nBcc: x@y.id", "a@\u00e9.go.id"]
)
def test_what_is_no_mailbox_is_refused_and_one_can_be_changed(
    db: None, world: None, receiver: Receiver, contact: str
) -> None:
    examiner = Partner(BKN)
    refused = examiner.post("/webhooks", {"url": receiver.url, "contact": contact})
    assert refused.status_code == 422, refused.content
    assert {error["pointer"] for error in said(refused)["errors"]} == {"#/contact"}
    made = said(examiner.post("/webhooks", {"url": receiver.url}))
    assert (made["contact"], made["warning"]) == (None, None)
    changed = call("PATCH", f"/webhooks/{made['id']}", token=examiner.token, body={"contact": CONTACT})
    assert said(changed)["contact"] == CONTACT


@pytest.mark.parametrize(
    "url", ["surel.go.id", "http://surel.go.id", "smtp://surel.go.id", "smtps://", "smtp://user:geheim@surel.go.id"]
)
def test_what_is_no_mail_server_is_said_without_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        mail_server(url)
    assert "smtp+tls://" in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_a_mail_server_by_its_url() -> None:
    said_of = mail_server("smtp+tls://lintas:a%40b@surel.go.id")
    assert said_of == {
        "EMAIL_HOST": "surel.go.id", "EMAIL_PORT": 587, "EMAIL_HOST_USER": "lintas", "EMAIL_HOST_PASSWORD": "a@b",
        "EMAIL_USE_SSL": False, "EMAIL_USE_TLS": True,
    }  # fmt: skip
    assert mail_server("smtps://surel.go.id:4650")["EMAIL_PORT"] == 4650
