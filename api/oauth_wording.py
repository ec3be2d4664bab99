"""What `/oauth/*` says when it says no: one sentence per reason, in both languages.

The sentences also travel as `error_description`, which takes ASCII without quotation marks and backslashes
(RFC 6749, 5.2), so they are written in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.language import Wording

ASSERTION_REFUSED: Final[Mapping[str, Wording]] = {
    "secret-sent": Wording(
        id="Di sini tidak ada client_secret. Kirim client_assertion yang ditandatangani (private_key_jwt).",
        en="There are no client secrets here. Send a signed client_assertion (private_key_jwt).",
    ),
    "absent": Wording(
        id="client_assertion tidak ada. Kirim JWT yang ditandatangani kunci klien Anda.",
        en="client_assertion is missing. Send a JWT signed with your client's key.",
    ),
    "type": Wording(
        id="client_assertion_type harus {type}.",
        en="client_assertion_type must be {type}.",
    ),
    "client-id-differs": Wording(
        id="client_id pada formulir tidak sama dengan sub pada client_assertion. Hapus client_id atau samakan.",
        en="client_id in the form differs from sub in client_assertion. Leave client_id out or make them equal.",
    ),
    "too-long": Wording(
        id="client_assertion lebih dari {limit} karakter.",
        en="client_assertion is longer than {limit} characters.",
    ),
    "not-a-jws": Wording(
        id="client_assertion harus JWS ringkas: tiga bagian base64url tanpa padding, dua yang pertama objek JSON.",
        en="client_assertion must be a compact JWS: three parts in base64url without padding, the first two of "
        "them JSON objects.",
    ),
    "header-forbidden": Wording(
        id="Tajuk JWT tidak boleh memuat {header}. Kunci Anda dicari lewat kid.",
        en="The JWT header must not carry {header}. Your key is found by its kid.",
    ),
    "alg-not-allowed": Wording(
        id="alg harus salah satu dari {allowed} (EdDSA sama dengan Ed25519).",
        en="alg must be one of {allowed} (EdDSA means Ed25519).",
    ),
    "kid-missing": Wording(
        id="Tajuk JWT harus memuat kid, nama kunci seperti yang terdaftar (paling banyak 100 karakter).",
        en="The JWT header must carry kid, the name of the key as registered (100 characters at most).",
    ),
    "iss-sub-missing": Wording(
        id="iss dan sub harus berisi client_id Anda.",
        en="iss and sub must both be your client_id.",
    ),
    "iss-is-not-sub": Wording(
        id="iss dan sub berbeda; keduanya harus berisi client_id Anda.",
        en="iss and sub differ; both must be your client_id.",
    ),
    "aud-is-a-list": Wording(
        id="aud harus satu teks, bukan larik: {issuer}",
        en="aud must be one string, not an array: {issuer}",
    ),
    "aud-is-token-url": Wording(
        id="aud harus penerbit (issuer), bukan alamat token: {issuer}",
        en="aud must be the issuer, not the token URL: {issuer}",
    ),
    "aud-has-a-slash": Wording(
        id="aud harus persis {issuer} tanpa garis miring di akhir.",
        en="aud must be exactly {issuer} without a slash at the end.",
    ),
    "aud-not-issuer": Wording(id="aud harus {issuer}", en="aud must be {issuer}"),
    "exp-missing": Wording(
        id="exp harus ada: detik sejak 1970 UTC, paling lama {limit} s ke depan.",
        en="exp must be there: seconds since 1970 UTC, {limit} s ahead at most.",
    ),
    "iat-missing": Wording(
        id="iat harus ada: saat pembuatan dalam detik sejak 1970 UTC.",
        en="iat must be there: when it was made, in seconds since 1970 UTC.",
    ),
    "clock-ahead": Wording(
        id="Jam Anda {seconds} s lebih cepat (iat di masa depan); paling banyak {limit} s. Sinkronkan jam (NTP).",
        en="Your clock is {seconds} s ahead (iat lies in the future); at most {limit} s are allowed. Synchronise it.",
    ),
    "clock-behind": Wording(
        id="iat {seconds} s yang lalu; paling banyak {limit} s. Jam Anda terlambat, atau pernyataan ini dibuat "
        "terlalu lama sebelum dikirim.",
        en="iat was {seconds} s ago; at most {limit} s are allowed. Your clock is behind, or this assertion was made "
        "too long before it was sent.",
    ),
    "expired": Wording(
        id="Pernyataan ini kedaluwarsa {seconds} s yang lalu (exp). Buat yang baru, atau periksa jam Anda.",
        en="This assertion expired {seconds} s ago (exp). Make a new one, or check your clock.",
    ),
    "lives-too-long": Wording(
        id="exp {seconds} s ke depan; paling banyak {limit} s. Isi exp = iat + 60.",
        en="exp lies {seconds} s ahead; at most {limit} s are allowed. Set exp = iat + 60.",
    ),
    "not-yet-valid": Wording(
        id="nbf belum tercapai atau bukan angka. Hapus nbf atau periksa jam Anda.",
        en="nbf has not been reached or is no number. Leave nbf out or check your clock.",
    ),
    "jti-missing": Wording(
        id="jti harus ada: 1 sampai 128 karakter ASCII, baru untuk setiap pernyataan, misalnya UUID.",
        en="jti must be there: 1 to 128 ASCII characters, new for every assertion, for instance a UUID.",
    ),
    "not-recognised": Wording(
        id="Klien, kid, alg, dan tanda tangan tidak cocok satu sama lain. Periksa client_id (iss, sub), kid dan alg "
        "seperti yang terdaftar, dan kunci yang menandatangani.",
        en="Client, kid, alg and signature do not fit together. Check client_id (iss, sub), kid and alg as registered, "
        "and the key that signs.",
    ),
    "key-revoked": Wording(
        id="Kunci ini sudah dicabut. Tandatangani dengan kunci lain.",
        en="This key has been revoked. Sign with another one.",
    ),
    "key-not-yet-valid": Wording(
        id="Kunci ini baru berlaku mulai {valid_from}.",
        en="This key is valid from {valid_from} only.",
    ),
    "key-expired": Wording(
        id="Masa berlaku kunci ini berakhir pada {valid_until}.",
        en="This key ran out at {valid_until}.",
    ),
    "client-inactive": Wording(
        id="Klien ini dinonaktifkan. Hubungi pengelola.",
        en="This client has been switched off. Turn to the operator.",
    ),
    "replayed": Wording(
        id="jti ini sudah dipakai: satu pernyataan membeli satu token. Simpan token, bukan pernyataan.",
        en="This jti has been used: one assertion buys one token. Cache the token, not the assertion.",
    ),
}
REQUEST_REFUSED: Final[Mapping[str, Wording]] = {
    "not-a-form": Wording(
        id="Kirim badan sebagai {type}, bukan JSON atau bentuk lain.",
        en="Send the body as {type}, not as JSON or anything else.",
    ),
    "query": Wording(
        id="Parameter dikirim dalam badan, tidak pernah dalam URL.",
        en="Parameters go into the body, never into the URL.",
    ),
    "unreadable": Wording(
        id="Badan tidak terbaca sebagai formulir UTF-8, atau memuat terlalu banyak parameter.",
        en="The body cannot be read as a form in UTF-8, or it has too many parameters.",
    ),
    "control-character": Wording(
        id="Parameter {parameter} memuat karakter kendali.",
        en="The parameter {parameter} contains a control character.",
    ),
    "repeated": Wording(
        id="Setiap parameter hanya boleh dikirim satu kali.",
        en="Every parameter may be sent only once.",
    ),
    "grant-type-missing": Wording(
        id="grant_type tidak ada. Kirim grant_type=client_credentials.",
        en="grant_type is missing. Send grant_type=client_credentials.",
    ),
    "token-missing": Wording(
        id="Parameter token tidak ada.",
        en="The parameter token is missing.",
    ),
}
GRANT_REFUSED: Final = Wording(
    id="Hanya grant_type=client_credentials yang dilayani.",
    en="Only grant_type=client_credentials is served.",
)
SCOPE_REFUSED: Final = Wording(
    id="Cakupan yang diminta melebihi yang terdaftar untuk klien ini: {registered}",
    en="The scope asked for goes beyond what is registered for this client: {registered}",
)
