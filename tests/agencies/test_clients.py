"""Which keys may be registered, and how clients and keys come and go."""

import base64
import io
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from joserfc.jwk import ECKey, OKPKey, RSAKey

from agencies import clients, keys
from agencies.keys import KeyRefused
from agencies.models import Agency, Client, ClientKey, User
from agencies.registration import RegistrationRefused
from tests import callers

NOW = datetime(2026, 11, 20, 3, 4, 5, 123000, tzinfo=UTC)
ISSUER = settings.LINTAS_BASE_URL

# -- edwards25519, just enough of it to find the points whose order divides 8 (RFC 8032, 5.1) -------------------------

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
ORDER = 2**252 + 27742317777372353535851937790883648493
Point = tuple[int, int]


def sum_of(a: Point, b: Point) -> Point:
    cross = D * a[0] * b[0] * a[1] * b[1]
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + cross, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - cross, -1, P)
    return x % P, y % P


def times(n: int, point: Point) -> Point:
    total: Point = (0, 1)
    while n:
        if n & 1:
            total = sum_of(total, point)
        point, n = sum_of(point, point), n >> 1
    return total


def point_with(y: int) -> Point | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    for root in (x, x * SQRT_MINUS_1 % P):
        if root * root % P == square:
            return root, y
    return None


def small_order_points() -> set[Point]:
    for y in range(2, 200):
        point = point_with(y)
        torsion = times(ORDER, point) if point else (0, 1)
        if times(4, torsion) != (0, 1):
            return {times(n, torsion) for n in range(8)}
    raise AssertionError("no point of order 8 found")


def encodings(point: Point) -> set[bytes]:
    """All 32-byte strings that decode to it: y or y + p, and either sign where x is zero."""
    x, y = point
    signs = {x & 1} if x else {0, 1}
    return {
        (spelled | sign << 255).to_bytes(32, "little")
        for spelled in (y, y + P)
        if spelled < 2**255
        for sign in (signs if spelled < P or x == 0 else {0, 1})
    }


SMALL_ORDER = sorted({encoding for point in small_order_points() for encoding in encodings(point)})


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def ed25519(raw: bytes) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}


# -- keys ------------------------------------------------------------------------------------------------------------


def refused(jwk: Any) -> str:
    with pytest.raises(KeyRefused) as caught:
        keys.accept(jwk)
    return caught.value.reason


@pytest.mark.parametrize("alg", keys.ALGORITHMS)
def test_a_good_key_is_accepted_and_only_its_public_numbers_are_kept(alg: str) -> None:
    private = callers.new_key(alg)
    accepted = keys.accept({**callers.public(private), "kid": "2026-1", "use": "sig", "x5c": ["…"]})
    assert accepted.alg == alg
    assert accepted.kid == "2026-1"
    assert dict(accepted.jwk) == callers.public(private)
    assert accepted.thumbprint == callers.load(private).thumbprint()
    assert keys.accept(callers.public(private)).kid == accepted.thumbprint


def test_there_are_fourteen_encodings_of_small_order() -> None:
    assert len(SMALL_ORDER) == 14


@pytest.mark.parametrize("encoding", SMALL_ORDER, ids=bytes.hex)
def test_a_key_of_small_order_is_refused(encoding: bytes) -> None:
    assert refused(ed25519(encoding)) == "small-order"


def test_a_key_of_small_order_would_have_verified_anything() -> None:
    """Why the rule is there: the libraries take such a key and believe a constant signature with it."""
    key = OKPKey.import_key(ed25519((1).to_bytes(32, "little")))
    constant = (1).to_bytes(32, "little") + bytes(32)
    header, payload = b64(b'{"alg":"Ed25519"}'), b64(b'{"sub":"anybody"}')
    assert keys.verifies(f"{header}.{payload}.{b64(constant)}", key=key, alg="Ed25519")


def test_an_ed25519_point_is_spelled_in_one_way_only() -> None:
    assert refused(ed25519((P + 5).to_bytes(32, "little"))) == "not-canonical"
    assert refused(ed25519(bytes(31))) == "coordinate-length"
    padded = ed25519(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    keys.accept(padded)
    assert refused({**padded, "x": padded["x"] + "="}) == "member-encoding"
    # The last character carries two unused bits; another spelling of the same key is not the same text.
    assert refused({**padded, "x": padded["x"][:-1] + "p"}) in ("member-encoding", "key-unreadable")


@pytest.mark.parametrize("curve", ["P-384", "P-521"])
def test_an_ec_key_on_another_curve_is_refused(curve: str) -> None:
    assert refused(ECKey.generate_key(curve).as_dict(private=False)) == "curve"


def test_other_okp_curves_are_refused() -> None:
    assert refused(OKPKey.generate_key("Ed448").as_dict(private=False)) == "curve"
    assert refused(OKPKey.generate_key("X25519").as_dict(private=False)) == "curve"


def test_a_short_rsa_key_is_refused() -> None:
    assert refused(RSAKey.generate_key(2048).as_dict(private=False)) == "rsa-size"


def test_an_rsa_key_with_a_tiny_exponent_is_refused() -> None:
    good = callers.public(callers.new_key("PS256"))
    assert refused({**good, "e": b64(b"\x03")}) == "rsa-numbers"
    assert refused({**good, "n": b64(b"\0" + base64.urlsafe_b64decode(good["n"] + "=="))}) == "not-canonical"


@pytest.mark.parametrize("alg", keys.ALGORITHMS)
def test_a_private_key_is_refused_with_the_advice_to_make_another(alg: str) -> None:
    with pytest.raises(KeyRefused, match="make a new key") as caught:
        keys.accept(callers.new_key(alg))
    assert caught.value.reason == "private-key"


def test_a_point_off_the_curve_is_refused() -> None:
    good = callers.public(callers.new_key())
    assert refused({**good, "x": b64(bytes(31) + b"\x01"), "y": b64(bytes(31) + b"\x01")}) == "key-unreadable"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kty": "oct", "k": "AAAA"}, "private-key"),
        ({"kty": "oct"}, "key-type"),
        ({"kty": None}, "key-type"),
        ({"alg": "RS256"}, "alg"),
        ({"alg": 7}, "alg"),
        ({"use": "enc"}, "use"),
        ({"key_ops": ["encrypt"]}, "use"),
        ({"kid": "with blank"}, "kid"),
        ({"kid": "x" * 101}, "kid"),
        ({"x": 5}, "member-missing"),
        ({"y": ""}, "member-missing"),
        ({"x": "é" * 43}, "member-encoding"),
    ],
)
def test_a_jwk_that_says_something_else_is_refused(changed: dict[str, Any], reason: str) -> None:
    assert refused({**callers.public(callers.new_key()), **changed}) == reason


# -- proof of possession ---------------------------------------------------------------------------------------------


def proof_refused(proof: Any, private: dict[str, Any]) -> str:
    with pytest.raises(KeyRefused) as caught:
        keys.check_proof(proof, key=keys.accept(callers.public(private)), client_id="a-client", audience=ISSUER)
    return caught.value.reason


@pytest.mark.parametrize("alg", keys.ALGORITHMS)
def test_a_proof_made_with_the_key_is_believed(alg: str) -> None:
    private = callers.new_key(alg)
    proof = keys.prove(private, client_id="a-client", audience=ISSUER)
    keys.check_proof(proof, key=keys.accept(callers.public(private)), client_id="a-client", audience=ISSUER)


def test_a_proof_for_another_client_server_or_key_is_refused() -> None:
    private, other = callers.new_key(), callers.new_key()
    assert proof_refused(keys.prove(private, client_id="b-client", audience=ISSUER), private) == "proof-claims"
    assert proof_refused(keys.prove(private, client_id="a-client", audience="https://x"), private) == "proof-claims"
    assert proof_refused(keys.prove(other, client_id="a-client", audience=ISSUER), private) == "proof-signature"


def test_an_assertion_is_no_proof() -> None:
    private = callers.new_key()
    thumbprint = keys.accept(callers.public(private)).thumbprint
    claims = {"client_id": "a-client", "aud": ISSUER, "jkt": thumbprint}
    assert proof_refused(callers.sign({"alg": "ES256", "typ": "JWT"}, claims, private), private) == "proof-type"


@pytest.mark.parametrize("proof", [None, "", 5, "a.b", "a.b.c", "é.é.é", "e30.e30.e30"])
def test_a_missing_or_garbled_proof_is_refused(proof: Any) -> None:
    assert proof_refused(proof, callers.new_key()) in ("proof-missing", "proof-malformed")


# -- registering -----------------------------------------------------------------------------------------------------


def entries(agency: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT convert_from(entry.body, 'UTF8')::json ->> 'kind', opening.given, opening.state FROM audit_entry "
            "entry JOIN audit_opening opening ON opening.entry_id = entry.id WHERE entry.stream = %s ORDER BY seq",
            [Agency.objects.get(code=agency).stream],
        )
        return [(kind, json.loads(given), json.loads(state)) for kind, given, state in cursor.fetchall()]


@pytest.fixture
def owner(transactional_db: None) -> Any:
    with callers.as_owner():
        yield


def test_an_agency_gets_its_group_and_an_entry(owner: None) -> None:
    callers.register_agency("bawaslu-ri", level="national", region="", now=NOW)
    done = callers.register_agency("bawaslu-sumatera-barat", level="province", region="13", parent="bawaslu-ri")
    agency = Agency.objects.get(code="bawaslu-sumatera-barat")
    assert agency.parent == Agency.objects.get(code="bawaslu-ri")
    assert Group.objects.get(pk=done.group_pk).agency == agency
    [(kind, given, state)] = entries("bawaslu-sumatera-barat")
    assert kind == "agency.registered"
    assert given["parent"] == "bawaslu-ri"
    assert state == {**given, "clients": []}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "Bawaslu RI"}, "code must be"),
        ({"roles": ["king"]}, "roles must name"),
        ({"roles": []}, "roles must name"),
        ({"region": "13.7"}, "region must be"),
        ({"time_zone": "Asia/Padang"}, "time_zone must be"),
        ({"time_zone": "../../etc/passwd"}, "time_zone must be"),
        ({"parent": "nobody"}, "no agency 'nobody'"),
        ({"valid_until": datetime(2018, 8, 15, tzinfo=UTC).date()}, "valid_until"),
    ],
)
def test_an_agency_that_makes_no_sense_is_refused(owner: None, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(RegistrationRefused, match=said):
        callers.register_agency(**{"code": "bawaslu-kota-padang", **changed})
    assert not Agency.objects.exists()
    assert not Group.objects.exists()


def test_a_code_is_never_reused(owner: None) -> None:
    callers.register_agency("kasn")
    with pytest.raises(RegistrationRefused, match="never reused"):
        callers.register_agency("kasn")


def test_a_client_gets_a_service_user_without_password_in_the_agencys_group(owner: None) -> None:
    agency = callers.register_agency()
    system = callers.register_system()
    client = Client.objects.get(client_id=system.client_id)
    user = User.objects.get(pk=client.user_id)
    assert not user.has_usable_password()
    assert [group.pk for group in user.groups.all()] == [agency.group_pk]
    assert client.client_secret.startswith("!")
    assert client.authorization_grant_type == "client-credentials"
    assert client.history.count() == 1


def test_registering_a_client_writes_an_entry_without_key_material(owner: None) -> None:
    callers.register_agency()
    system = callers.register_system()
    kind, given, state = entries("bawaslu-kota-padang")[-1]
    assert kind == "client.registered"
    [key] = given["keys"]
    assert set(key) == {"kid", "alg", "thumbprint", "valid_from", "valid_until", "revoked_at"}
    assert state["clients"] == [given]
    assert system.private_jwk["x"] not in str((given, state))


def test_a_client_without_proof_or_with_a_bad_key_leaves_nothing_behind(owner: None) -> None:
    callers.register_agency()
    bare = clients.KeyOffer(jwk=callers.public(callers.new_key()), proof=None)
    with pytest.raises(KeyRefused, match="without a proof"):
        register("padang-pengawasan", [bare])
    assert not Client.objects.exists()
    assert not User.objects.exists()
    assert len(entries("bawaslu-kota-padang")) == 1


def register(client_id: str, offers: list[clients.KeyOffer], **changed: Any) -> clients.RegisteredClient:
    facts = {"name": "x", "agency": "bawaslu-kota-padang", "scopes": ["casefiles:read"], "issuer": ISSUER, "now": NOW}
    return clients.register_client(client_id=client_id, offers=offers, **{**facts, **changed})


def test_everything_wrong_with_a_client_is_said_at_once(owner: None) -> None:
    with pytest.raises(RegistrationRefused) as caught:
        register("X", [], scopes=["admin"], agency="nobody", default_purpose="?")
    said = str(caught.value)
    for word in ("client_id", "scopes", "default_purpose", "1 to 3 keys", "no agency 'nobody'"):
        assert word in said


def test_a_client_has_at_most_three_live_keys(owner: None) -> None:
    callers.register_agency()
    system = callers.register_system()
    for number in (2, 3):
        add(system, kid=f"k{number}")
    with pytest.raises(RegistrationRefused, match="3 live keys"):
        add(system, kid="k4")
    clients.revoke_key(client_id=system.client_id, kid="k1", now=datetime.now(UTC))
    assert len(add(system, kid="k4").thumbprints) == 3


def add(system: callers.System, *, private: dict[str, Any] | None = None, **more: Any) -> clients.RegisteredClient:
    key = callers.offer(private or callers.new_key(), client_id=system.client_id, **more)
    return clients.add_key(client_id=system.client_id, offer=key, issuer=ISSUER, now=datetime.now(UTC))


def test_a_key_that_has_run_out_makes_room(owner: None) -> None:
    callers.register_agency()
    system = callers.register_system(valid_until=datetime.now(UTC) + timedelta(hours=1))
    add(system, kid="k2")
    add(system, kid="k3")
    key = callers.offer(callers.new_key(), client_id=system.client_id, kid="k4")
    later = datetime.now(UTC) + timedelta(hours=2)
    assert len(clients.add_key(client_id=system.client_id, offer=key, issuer=ISSUER, now=later).thumbprints) == 3


def test_a_revoked_key_cannot_come_back_under_any_name(owner: None) -> None:
    callers.register_agency()
    system = callers.register_system()
    clients.revoke_key(client_id=system.client_id, kid="k1", now=NOW)
    with pytest.raises(KeyRefused, match="registered already"):
        add(system, private=system.private_jwk, kid="k2")
    with pytest.raises(KeyRefused, match="choose another kid"):
        add(system, kid="k1")


def test_one_key_cannot_serve_two_clients(owner: None) -> None:
    callers.register_agency()
    system = callers.register_system()
    with pytest.raises(KeyRefused, match="new one for each client"):
        callers.register_system("another-system", private_jwk=system.private_jwk)


def test_adding_and_revoking_are_entries_that_name_the_key_by_thumbprint(owner: None) -> None:
    callers.register_agency()
    system = callers.register_system()
    add(system, kid="k2")
    clients.revoke_key(client_id=system.client_id, kid="k1", now=NOW)
    kinds = [kind for kind, _, _ in entries("bawaslu-kota-padang")]
    assert kinds == ["agency.registered", "client.registered", "key.added", "key.revoked"]
    _, given, state = entries("bawaslu-kota-padang")[-1]
    assert given["key"]["thumbprint"] == ClientKey.objects.get(kid="k1").thumbprint
    assert given["key"]["revoked_at"] == "2026-11-20T03:04:05.123Z"
    assert [key["revoked_at"] for key in state["clients"][0]["keys"]] == ["2026-11-20T03:04:05.123Z", None]


def test_revoking_names_what_there_is_when_it_finds_nothing(owner: None) -> None:
    callers.register_agency()
    system = callers.register_system()
    with pytest.raises(RegistrationRefused, match="it has: k1"):
        clients.revoke_key(client_id=system.client_id, kid="k9", now=NOW)
    clients.revoke_key(client_id=system.client_id, kid="k1", now=NOW)
    with pytest.raises(RegistrationRefused, match="revoked already"):
        clients.revoke_key(client_id=system.client_id, kid="k1", now=NOW)
    with pytest.raises(RegistrationRefused, match="no client 'nobody'"):
        clients.revoke_key(client_id="nobody", kid="k1", now=NOW)


# -- the commands ----------------------------------------------------------------------------------------------------

AGENCIES = """
- {code: bawaslu-ri, name: Bawaslu, roles: [election_supervisor], level: national, valid_from: 2018-08-15}
- code: bawaslu-sumatera-barat
  name: Bawaslu Provinsi Sumatera Barat
  roles: [election_supervisor]
  level: province
  region: "13"
  parent: bawaslu-ri
  valid_from: "2018-08-15"
"""


def test_agencies_and_a_client_are_registered_from_files(
    owner: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "agencies.yaml"
    file.write_text(AGENCIES)
    call_command("register_agency", str(file))
    assert Agency.objects.get(code="bawaslu-sumatera-barat").parent == Agency.objects.get(code="bawaslu-ri")

    private, second = callers.new_key("Ed25519"), callers.new_key()
    proof = keys.prove(private, client_id="sumbar-pengawasan", audience=ISSUER)
    client = {
        "client_id": "sumbar-pengawasan",
        "name": "Aplikasi pengawasan",
        "agency": "bawaslu-sumatera-barat",
        "scopes": ["findings:write", "casefiles:read"],
        "keys": [{"jwk": callers.public(private), "proof": proof, "kid": "one", "valid_until": "2030-01-01T00:00:00Z"}],
    }
    file.write_text(yaml.safe_dump(client))
    call_command("register_client", str(file))

    proof = keys.prove(second, client_id="sumbar-pengawasan", audience=ISSUER)
    file.write_text(yaml.safe_dump({"jwk": {**callers.public(second), "kid": "two"}, "proof": proof}))
    call_command("add_client_key", "sumbar-pengawasan", str(file))
    call_command("revoke_client_key", "sumbar-pengawasan", "one")
    told = capsys.readouterr().out
    assert "registered client sumbar-pengawasan of bawaslu-sumatera-barat" in told
    assert "2 live key(s)" in told
    assert "1 live key(s) left" in told
    assert [key.kid for key in ClientKey.objects.filter(revoked_at__isnull=True)] == ["two"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[", "neither YAML nor JSON"),
        ("just text", "expected members"),
        ("{code: x, nme: y}", "nme is no member"),
        (AGENCIES.replace("2018-08-15", "yesterday"), "must be a date"),
        (AGENCIES.replace('"13"', "13"), "in quotation marks"),
        (AGENCIES.replace("parent: bawaslu-ri", "parent: nobody"), "no agency 'nobody'"),
    ],
)
def test_a_bad_file_registers_nothing_and_says_what_to_mend(
    owner: None, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "agencies.yaml"
    file.write_text(content)
    with pytest.raises(CommandError, match=said):
        call_command("register_agency", str(file))
    assert not Agency.objects.exists()


def test_a_file_that_is_not_there_is_said_plainly(owner: None, tmp_path: Path) -> None:
    for command in (["register_agency"], ["register_client"], ["add_client_key", "x"]):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command(*command, str(tmp_path / "nothing.yaml"))


def test_a_sandbox_has_one_file_after_the_other_registered_in_one_process(
    owner: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    callers.register_agency("bawaslu-ri", level="national", region="")
    _client_file(tmp_path / "a.yaml", client_id="percobaan-satu")
    _client_file(tmp_path / "b.yaml", client_id="percobaan-dua")
    files = [tmp_path / "a.yaml", tmp_path / "nothing.yaml", tmp_path / "a.yaml", tmp_path / "b.yaml"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{file}\n" for file in files)))
    said = io.StringIO()
    with pytest.raises(CommandError, match=r"manage\.py register_client FILE"):
        call_command("register_asked", stdout=said)
    with override_settings(LINTAS_SANDBOX_ASKS=str(tmp_path)):
        call_command("register_asked", stdout=said)
    told = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [one["done"] for one in told] == [True, False, False, True]
    assert told[0]["lines"][0] == "registered client percobaan-satu of bawaslu-ri"
    assert "cannot be read" in " ".join(told[1]["lines"])
    assert told[2]["lines"][0] == "Nothing was registered."
    assert "never reused" in told[2]["lines"][1]


# -- many files at once ------------------------------------------------------------------------------------------------


def _client_file(place: Path, *, client_id: str, agency: str = "bawaslu-ri", **changed: Any) -> None:
    private = callers.new_key()
    proof = keys.prove(private, client_id=changed.pop("proved_for", client_id), audience=ISSUER)
    said = {
        "client_id": client_id, "name": client_id, "agency": agency, "scopes": ["casefiles:read"],
        "keys": [{"jwk": callers.public(private), "proof": proof, "kid": "one"}], **changed,
    }  # fmt: skip
    held = yaml.safe_load(place.read_text()) if place.exists() else []
    place.write_text(yaml.safe_dump([*held, said]))


def test_a_folder_of_clients_is_registered_file_by_file(
    owner: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad file registers nothing and keeps no other from it; mended, the folder is given again."""
    callers.register_agency("bawaslu-ri", level="national", region="")
    folder = tmp_path / "clients"
    folder.mkdir()
    (folder / "notes.txt").write_text("no client")
    for number in range(3):
        _client_file(folder / "good.yaml", client_id=f"good-{number}")
    _client_file(folder / "mixed.yaml", client_id="mixed-1")
    _client_file(folder / "mixed.yaml", client_id="mixed-2", proved_for="another")
    _client_file(folder / "mixed.yaml", client_id="mixed-3", agency="nobody")
    (folder / "broken.json").write_text("{")

    with pytest.raises(CommandError, match="2 of 3 files were refused"):
        call_command("register_clients", str(folder))
    told = capsys.readouterr().out
    assert "good.yaml: registered" in told
    assert "mixed.yaml: refused\n  mixed-2: The proof must say exactly" in told
    assert "  mixed-3: There is no agency 'nobody'" in told
    assert "broken.json: refused" in told
    assert set(Client.objects.values_list("client_id", flat=True)) == {"good-0", "good-1", "good-2"}
    # What stands is promised, what was rolled back is not.
    assert told.count("\nreceipt ") == 3

    (folder / "broken.json").unlink()
    (folder / "mixed.yaml").unlink()
    _client_file(folder / "mixed.yaml", client_id="mixed-1")
    call_command("register_clients", str(folder), "--check")
    assert "mixed.yaml: would register" in capsys.readouterr().out
    assert Client.objects.count() == 3
    call_command("register_clients", str(folder))
    told = capsys.readouterr().out
    assert "good.yaml: unchanged" in told
    assert "mixed.yaml: registered" in told
    assert told.count("receipt ") == 1
    call_command("register_clients", str(folder))
    assert "mixed.yaml: unchanged" in capsys.readouterr().out

    (folder / "good.yaml").unlink()
    _client_file(folder / "good.yaml", client_id="good-0")
    with pytest.raises(CommandError, match="1 of 2 files were refused"):
        call_command("register_clients", str(folder))
    assert "good-0: The client_id 'good-0' is taken" in capsys.readouterr().out


def test_a_folder_without_files_is_said_plainly(owner: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no file"):
        call_command("register_clients", str(tmp_path / "nothing"))
