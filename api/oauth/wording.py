"""What `/oauth/*` says when it says no: one sentence per reason, in both languages.

The sentences also travel as `error_description`, which takes ASCII without quotation marks and backslashes
(RFC 6749, 5.2), so they are written in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.http.language import Wording

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
    "is-a-key": Wording(
        id="client_assertion berisi kunci, bukan asersi. Kunci tetap di tempat Anda: tandatangani JWT dengannya lalu "
        "kirim JWT itu. Bila yang terkirim kunci privat, cabut kunci itu.",
        en="client_assertion holds a key, not an assertion. The key stays with you: sign a JWT with it and send that "
        "JWT. If what you sent is a private key, have it revoked.",
    ),
    "is-json": Wording(
        id="client_assertion berisi JSON. Kirim JWS ringkas: tajuk, klaim, dan tanda tangan dalam base64url, "
        "dipisahkan titik.",
        en="client_assertion holds JSON. Send a compact JWS: header, claims and signature in base64url, joined by "
        "dots.",
    ),
    "is-a-token": Wording(
        id="client_assertion tampaknya berisi token akses. Yang membeli token adalah asersi: JWT yang Anda "
        "tandatangani sendiri.",
        en="client_assertion seems to hold an access token. What buys a token is an assertion: a JWT that you sign "
        "yourself.",
    ),
    "quoted": Wording(
        id="client_assertion memuat tanda petik. Kirim isinya saja, tanpa petik (jq -r, bukan jq).",
        en="client_assertion contains quotation marks. Send what is between them (jq -r, not jq).",
    ),
    "bearer-prefix": Wording(
        id="client_assertion dimulai dengan nama tajuk atau Bearer. Kirim JWT saja.",
        en="client_assertion begins with the name of a header or with Bearer. Send the JWT alone.",
    ),
    "line-breaks": Wording(
        id="client_assertion memuat ganti baris. Buat base64 tanpa pemenggalan baris (base64 -w0, openssl base64 -A) "
        "dan tanpa ganti baris di akhir.",
        en="client_assertion contains line breaks. Write base64 in one line (base64 -w0, openssl base64 -A), without "
        "one at the end.",
    ),
    "percent-encoded": Wording(
        id="client_assertion memuat tanda persen: nilainya disandikan untuk URL dua kali. Sandikan sekali saja.",
        en="client_assertion contains percent signs: it was URL-encoded twice. Encode it once.",
    ),
    "blanks": Wording(
        id="client_assertion memuat spasi. Base64 biasa (+) yang dikirim tanpa penyandian URL tiba sebagai spasi: "
        "pakai base64url dan --data-urlencode.",
        en="client_assertion contains blanks. Standard base64 (+) that is sent without URL encoding arrives as blanks: "
        "use base64url and --data-urlencode.",
    ),
    "padded": Wording(
        id="client_assertion memuat padding (=). Base64url pada JWT ditulis tanpa itu: hapus semua =.",
        en="client_assertion contains padding (=). Base64url in a JWT is written without: drop every =.",
    ),
    "standard-base64": Wording(
        id="client_assertion memuat + atau /, yaitu base64 biasa. Ganti + dengan - dan / dengan _ (base64url).",
        en="client_assertion contains + or /, which is standard base64. Write - for + and _ for / (base64url).",
    ),
    "not-base64url": Wording(
        id="client_assertion memuat karakter di luar base64url (A-Z a-z 0-9 - _) dan titik.",
        en="client_assertion contains characters beyond those of base64url (A-Z a-z 0-9 - _) and dots.",
    ),
    "not-three-parts": Wording(
        id="client_assertion punya {parts} bagian; JWS ringkas punya tiga: tajuk.klaim.tandatangan.",
        en="client_assertion has {parts} parts; a compact JWS has three: header.claims.signature.",
    ),
    "header-not-json": Wording(
        id="Bagian pertama (tajuk) bukan objek JSON dalam base64url.",
        en="The first part (header) is no JSON object in base64url.",
    ),
    "claims-not-json": Wording(
        id="Bagian kedua (klaim) bukan objek JSON dalam base64url.",
        en="The second part (claims) is no JSON object in base64url.",
    ),
    "header-forbidden": Wording(
        id="Tajuk JWT tidak boleh memuat {header}. Kunci Anda dicari lewat kid.",
        en="The JWT header must not carry {header}. Your key is found by its kid.",
    ),
    "alg-not-allowed": Wording(
        id="alg harus salah satu dari {allowed} (EdDSA sama dengan Ed25519).",
        en="alg must be one of {allowed} (EdDSA means Ed25519).",
    ),
    "signature-missing": Wording(
        id="Bagian ketiga kosong: JWT ini tidak ditandatangani.",
        en="The third part is empty: this JWT is not signed.",
    ),
    "signature-not-base64url": Wording(
        id="Bagian ketiga (tanda tangan) bukan base64url tanpa padding.",
        en="The third part (signature) is no base64url without padding.",
    ),
    "signature-is-der": Wording(
        id="Tanda tangan ini DER ({bytes} byte), seperti yang ditulis OpenSSL, Java, dan PHP. ES256 menghendaki 64 "
        "byte: r lalu s, masing-masing 32 byte. Ubah dahulu; halaman masalah ini menunjukkan caranya.",
        en="This signature is DER ({bytes} bytes), as OpenSSL, Java and PHP write it. ES256 wants 64 bytes: r, then s, "
        "32 bytes each. Convert it; the page of this problem shows how.",
    ),
    "signature-encoded-twice": Wording(
        id="Tanda tangan ini teks heksadesimal atau base64 yang disandikan sekali lagi. Sandikan byte tanda tangan "
        "{alg} langsung ke base64url.",
        en="This signature is hexadecimal text or base64 that was encoded once more. Encode the bytes of the {alg} "
        "signature straight into base64url.",
    ),
    "signature-length": Wording(
        id="Tanda tangan ini {bytes} byte; {alg} menghasilkan {wanted} byte. Samakan alg dengan kunci Anda.",
        en="This signature has {bytes} bytes; {alg} makes {wanted}. Let alg be that of your key.",
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
    "in-milliseconds": Wording(
        id="{claims} dihitung dalam milidetik. Tulis detik sejak 1970 UTC (bagi dengan 1000).",
        en="{claims} counted in milliseconds. Write seconds since 1970 UTC (divide by 1000).",
    ),
    "clock-ahead": Wording(
        id="Jam Anda {seconds} s lebih cepat (iat di masa depan); paling banyak {limit} s. Sinkronkan jam (NTP).",
        en="Your clock is {seconds} s ahead (iat lies in the future); at most {limit} s are allowed. Synchronise it.",
    ),
    "clock-behind": Wording(
        id="iat {seconds} s yang lalu; paling banyak {limit} s. Jam Anda terlambat, atau asersi ini dibuat "
        "terlalu lama sebelum dikirim.",
        en="iat was {seconds} s ago; at most {limit} s are allowed. Your clock is behind, or this assertion was made "
        "too long before it was sent.",
    ),
    "expired": Wording(
        id="Asersi ini kedaluwarsa {seconds} s yang lalu (exp). Buat yang baru, atau periksa jam Anda.",
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
        id="jti harus ada: 1 sampai 128 karakter ASCII, baru untuk setiap asersi, misalnya UUID.",
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
        id="jti ini sudah dipakai: satu asersi membeli satu token. Simpan token, bukan asersi.",
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
    "grant-type-other": Wording(
        id="Hanya grant_type=client_credentials yang dilayani (nilai jwt-bearer milik client_assertion_type).",
        en="Only grant_type=client_credentials is served (the value jwt-bearer belongs to client_assertion_type).",
    ),
    "scope": Wording(
        id="Cakupan yang diminta melebihi yang terdaftar untuk klien ini: {registered}",
        en="The scope asked for goes beyond what is registered for this client: {registered}",
    ),
    "resource-unsigned": Wording(
        id="resource harus menjadi klaim di dalam client_assertion. Pada formulir ia boleh diulang, dengan nilai sama.",
        en="resource must be a claim within client_assertion. In the form it may be repeated, with the same value.",
    ),
    "resource-unreadable": Wording(
        id="resource adalah satu alamat instansi: {example}. Bukan daftar, tanpa garis miring di akhir.",
        en="resource is the address of one agency: {example}. No list, and no slash at its end.",
    ),
    "resource-not-delegated": Wording(
        id="Instansi itu tidak mempunyai delegasi yang berlaku untuk klien ini. Minta dengan POST /api/v1/delegations, "
        "lalu tunggu persetujuannya.",
        en="That agency has no delegation that serves for this client. Ask for one by POST /api/v1/delegations and "
        "wait for its approval.",
    ),
    "resource-not-yours": Wording(
        id="Klien ini bertindak untuk instansinya sendiri saja. Hapus resource.",
        en="This client acts for its own agency only. Leave resource out.",
    ),
}
