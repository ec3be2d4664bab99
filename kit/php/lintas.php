<?php
// Klien Lintas dalam satu berkas / a client of Lintas in one file. Needs PHP 8.1 with openssl and sodium (both ship with it).
//
//   php lintas.php get PATH                          read: /me, /referrals?status=open, /casefiles/ID
//   php lintas.php send PATH BODY.json [VERSION]     write: /documents, /findings; an intention, done once
//   php lintas.php act CASEFILE TRANSITION BODY.json read the casefile, then perform the transition on that version
//   php lintas.php resume                            send again what a crash or a dead line has left open
//   php lintas.php follow [SECONDS]                  new events, one a line; waits so long (30 at most) for the first
//   php lintas.php webhook HEADERS BODY              verify a message that came, print it once
//   php lintas.php receipt RECEIPT.json              verify a receipt, print what it promises
//   php lintas.php token | assertion CLIENT_ID KID KEY.pem ISSUER | sign METHOD URL BODY KID KEY.pem 'Name: value'…
//
// LINTAS_BASE, LINTAS_CLIENT_ID, LINTAS_KID, LINTAS_KEY (PEM file); LINTAS_STATE (a folder of this client alone; default
// ./lintas-state). May be set: LINTAS_ISSUER (where LINTAS_BASE is a gateway), LINTAS_SIGN=1, LINTAS_LANGUAGE=en,
// LINTAS_WEBHOOK_SECRET, LINTAS_CLOCK_OFFSET (seconds to add to this machine's clock).
// Exit code: 0 done, 1 usage, 2 not genuine or a gap in the feed, 3 refused, 4 no answer yet (`resume` goes on).
//
// In a program (Laravel, CodeIgniter, none): require 'lintas.php'; $lintas = new \Lintas\Client(getenv());
//   $answer = $lintas->send('/findings', json_encode($finding));   throws Refused, NoAnswer, NotGenuine, Misused

namespace Lintas;

use Exception;

// --- begin assertion
function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

function now(): int
{
    return time() + (int) getenv('LINTAS_CLOCK_OFFSET');
}

// openssl_sign writes DER: 30 length, 02 length r, 02 length s. ES256 wants r and s alone, 32 bytes each.
function ecdsa(string $signed, string $keyFile): string
{
    openssl_sign($signed, $der, openssl_pkey_get_private(file_get_contents($keyFile)), OPENSSL_ALGO_SHA256);
    $lengthOfR = ord($der[3]);
    $numbers = [substr($der, 4, $lengthOfR), substr($der, 6 + $lengthOfR)];
    return implode('', array_map(fn ($number) => str_pad(ltrim($number, "\0"), 32, "\0", STR_PAD_LEFT), $numbers));
}

// A client assertion (RFC 7523, ES256) for one token.
function assertion(string $clientId, string $kid, string $keyFile, string $issuer): string
{
    $header = ['alg' => 'ES256', 'typ' => 'JWT', 'kid' => $kid];
    $claims = [
        'iss' => $clientId,
        'sub' => $clientId,
        'aud' => $issuer,
        'iat' => now(),
        'exp' => now() + 60,
        'jti' => bin2hex(random_bytes(16)),
    ];
    $signed = base64url(json_encode($header)) . '.' . base64url(json_encode($claims, JSON_UNESCAPED_SLASHES));
    return $signed . '.' . base64url(ecdsa($signed, $keyFile));
}
// --- end assertion

// --- begin sign
// The headers that sign a request (RFC 9421, ES256); the URL is the register's own, not a gateway's.
// $headers are lines as 'Authorization: Bearer …', 'Idempotency-Key: …', 'If-Match: "3"'; all of them are covered.
function sign(string $method, string $url, string $body, string $kid, string $keyFile, array $headers): array
{
    $digest = 'sha-256=:' . base64_encode(hash('sha256', $body, true)) . ':';
    preg_match('~^[a-z]+://([^/]+)([^?]*)(\?.*)?$~', $url, $target);
    $parts = ['@method' => $method, '@authority' => $target[1], '@path' => $target[2]];
    if (isset($target[3])) {
        $parts['@query'] = $target[3];
    }
    foreach ($headers as $header) {
        [$name, $value] = explode(':', $header, 2);
        $parts[strtolower($name)] = trim($value);
    }
    if ($body !== '') {
        $parts['content-digest'] = $digest;
    }
    $covered = implode(' ', array_map(fn ($name) => "\"$name\"", array_keys($parts)));
    $parameters = "($covered);created=" . now() . ";keyid=\"$kid\";tag=\"lintas-v1\"";
    $base = '';
    foreach ($parts as $name => $value) {
        $base .= "\"$name\": $value\n";
    }
    $base .= "\"@signature-params\": $parameters";
    return [
        ...($body !== '' ? ["Content-Digest: $digest"] : []),
        "Signature-Input: sig=$parameters",
        'Signature: sig=:' . base64_encode(ecdsa($base, $keyFile)) . ':',
    ];
}
// --- end sign

/** What went wrong, in Indonesian and English; `getCode()` is the exit code. */
class Trouble extends Exception
{
    public function __construct(int $code, string $indonesian, string $english = '')
    {
        parent::__construct($english === '' ? $indonesian : "$indonesian / $english", $code);
    }
}

/** The settings are not complete. */
class Misused extends Trouble
{
}

/** A signature, an age or the order of the feed is not what it should be. */
class NotGenuine extends Trouble
{
}

/** The service refused the intention: nothing has happened. `problem` is what it said (RFC 9457). */
class Refused extends Trouble
{
    public function __construct(public readonly int $status, public readonly array $problem)
    {
        $lines = isset($problem['code'])
            ? [rtrim(implode(' ', [
                "$status {$problem['code']}: {$problem['title']}.", $problem['detail'], $problem['did_you_mean'] ?? '',
            ]))]
            : ["$status: jawaban bukan dari Lintas; adakah gerbang di antaranya? / not an answer of Lintas; a gateway?"];
        foreach ($problem['errors'] ?? [] as $error) {
            $place = $error['pointer'] ?? $error['parameter'] ?? '';
            $said = [$error['detail'] ?? '', $error['did_you_mean'] ?? ''];
            $lines[] = rtrim("  $place {$error['code']}: " . implode(' ', $said));
        }
        parent::__construct(3, implode("\n", $lines));
    }
}

/** Whether it arrived is unknown, or the service is out of breath: the intention is kept for `resume`. */
class NoAnswer extends Trouble
{
}

/** One system of one agency, calling one register. */
class Client
{
    private const ATTEMPTS = 6;
    private const PATIENCE_S = 120;

    private string $base;
    private string $issuer;
    private string $state;

    /** @param array<string, string> $settings by the names of the environment above */
    public function __construct(private array $settings)
    {
        if (($settings['LINTAS_BASE'] ?? '') === '') {
            throw new Misused(1, 'LINTAS_BASE belum diisi.', 'LINTAS_BASE is not set.');
        }
        $this->base = preg_replace('~(/api/v1)?/?$~', '', $settings['LINTAS_BASE']);
        $this->issuer = ($settings['LINTAS_ISSUER'] ?? '') ?: $this->base;
        $this->state = ($settings['LINTAS_STATE'] ?? '') ?: 'lintas-state';
        umask(0077);
        foreach (['pending', 'receipts', 'webhooks'] as $folder) {
            if (!is_dir("$this->state/$folder") && !@mkdir("$this->state/$folder", 0700, true)) {
                throw new Misused(1, "$this->state tidak dapat ditulis.", "$this->state cannot be written.");
            }
        }
    }

    // -- asking -------------------------------------------------------------------------------------------------------

    /** The bytes of an answer, as `get('/me')`. Throws Refused, NoAnswer. */
    public function get(string $path): string
    {
        return $this->ask('GET', self::below($path));
    }

    /** A path below /api/v1, also where it was taken from an `href` or `next` of an answer. */
    private static function below(string $path): string
    {
        return preg_replace('~^(/api/v1)?/?~', '/', $path);
    }

    /** A token, kept for its ten minutes. Throws Refused, NoAnswer. */
    public function token(): string
    {
        $kept = json_decode((string) @file_get_contents("$this->state/token"), true);
        [$client, $kid] = [$this->own('LINTAS_CLIENT_ID'), $this->own('LINTAS_KID')];
        [$file, $owner] = [$this->own('LINTAS_KEY'), [$client, $this->base]];
        if ($kept && $kept['owner'] === $owner && time() < $kept['until']) {
            return $kept['token'];
        }
        if (!is_readable($file)) {
            throw new Misused(1, "Kunci $file tidak terbaca.", "The key $file cannot be read.");
        }
        $key = openssl_pkey_get_private(file_get_contents($file));
        if (!$key || (openssl_pkey_get_details($key)['ec']['curve_name'] ?? '') !== 'prime256v1') {
            throw new Misused(1, "$file bukan kunci privat P-256 dalam PEM.", "$file is no private P-256 key in PEM.");
        }
        for ($attempt = 1; ; $attempt++) {
            $form = http_build_query([
                'grant_type' => 'client_credentials',
                'client_assertion_type' => 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
                'client_assertion' => assertion($client, $kid, $file, $this->issuer),
            ]);
            $headers = ["Accept-Language: {$this->language()}", 'Content-Type: application/x-www-form-urlencoded'];
            [$status, $body, $after] = $this->exchange('POST', "$this->base/oauth/token", $headers, $form);
            if ($status === 200) {
                break;
            }
            $this->decideOrWait($status, $body, $after, $attempt);
        }
        $bought = json_decode($body, true);
        // Given up half a minute early, so that it does not end on its way.
        $until = time() + $bought['expires_in'] - 30;
        $token = $bought['access_token'];
        $this->write("$this->state/token", json_encode(['owner' => $owner, 'until' => $until, 'token' => $token]));
        return $token;
    }

    /** Ask until there is an answer that decides. Each attempt is signed anew. */
    private function ask(string $method, string $path, array $headers = [], string $body = ''): string
    {
        $renewed = false;
        for ($attempt = 1; ; $attempt++) {
            $covered = ["Authorization: Bearer {$this->token()}", ...$headers];
            $sent = [...$covered, "Accept-Language: {$this->language()}"];
            if ($body !== '') {
                $sent[] = 'Content-Type: application/json';
                if ($this->settings['LINTAS_SIGN'] ?? '') {
                    $url = "$this->issuer/api/v1$path";
                    [$kid, $file] = [$this->own('LINTAS_KID'), $this->own('LINTAS_KEY')];
                    array_push($sent, ...sign($method, $url, $body, $kid, $file, $covered));
                }
            }
            [$status, $answer, $after] = $this->exchange($method, "$this->base/api/v1$path", $sent, $body);
            if ($status >= 200 && $status < 300) {
                return $answer;
            }
            $code = json_decode($answer, true)['code'] ?? '';
            if ($status === 401 && !$renewed && str_starts_with($code, 'token-')) {
                $renewed = true;
                @unlink("$this->state/token");
                continue;
            }
            $this->decideOrWait($status, $answer, $after, $attempt);
        }
    }

    /** Wait as long as the service asks, or longer each time. Throws Refused where another attempt brings nothing else. */
    private function decideOrWait(int $status, string $body, ?int $after, int $attempt): void
    {
        $problem = json_decode($body, true);
        $problem = is_array($problem) ? $problem : [];
        $mayPass = $status === 0 || $status === 429 || $status >= 500
            || ($status === 409 && ($problem['code'] ?? '') === 'request-in-progress');
        if (!$mayPass) {
            throw new Refused($status, $problem);
        }
        if ($attempt >= self::ATTEMPTS || $after > self::PATIENCE_S) {
            throw new NoAnswer(
                4,
                "Belum ada jawaban dari $this->base ($status). Maksud tetap tersimpan; ulangi dengan: php lintas.php resume",
                "No answer from $this->base yet ($status). The intention is kept; repeat it by: php lintas.php resume",
            );
        }
        sleep($after ?? 2 ** ($attempt - 1));
    }

    /** One exchange: status (0: no whole answer), body, seconds of Retry-After. */
    private function exchange(string $method, string $url, array $headers, string $body = ''): array
    {
        $options = [
            'method' => $method,
            'header' => [...$headers, 'Connection: close'],
            'content' => $body,
            'ignore_errors' => true,
            'follow_location' => 0,
            'timeout' => 60,
        ];
        $answer = @file_get_contents($url, false, stream_context_create(['http' => $options]));
        $status = 0;
        $after = $length = null;
        foreach ($http_response_header ?? [] as $line) {
            if (preg_match('~^HTTP/\S+ (\d+)~', $line, $found)) {
                $status = (int) $found[1];
            } elseif (preg_match('~^Retry-After: *(\d{1,6})$~i', $line, $found)) {
                $after = (int) $found[1];
            } elseif (preg_match('~^Content-Length: *(\d+)$~i', $line, $found)) {
                $length = (int) $found[1];
            }
        }
        // PHP hands out what came before a line was cut, and says nothing.
        $isWhole = $answer !== false && ($length === null || strlen($answer) === $length);
        return $isWhole ? [$status, $answer, $after] : [0, '', null];
    }

    // -- intentions ---------------------------------------------------------------------------------------------------
    // An intention is a file before it is sent: its key, path, If-Match, then the body. It goes once its answer was
    // taken. The same path and body while it lies there are the same intention: a program that crashed may just run again.

    /** Write something once; `$taken` gets the answer before the intention goes. Throws Refused, NoAnswer. */
    public function send(string $path, string $body, string $version = '', ?callable $taken = null): string
    {
        $path = self::below($path);
        $file = $this->pending($path, $body);
        if (!is_file($file)) {
            $match = $version === '' ? '' : "\"$version\"";
            $this->write($file, bin2hex(random_bytes(16)) . "\n$path\n$match\n$body");
        }
        return $this->deliver($file, $taken);
    }

    /** Perform a transition on the version that is read now, or that was read when it was begun. */
    public function act(string $casefile, string $transition, string $body, ?callable $taken = null): string
    {
        $path = "/casefiles/$casefile/$transition";
        $isBegun = is_file($this->pending($path, $body));
        $version = $isBegun ? '' : (string) json_decode($this->get("/casefiles/$casefile"), true)['version'];
        return $this->send($path, $body, $version, $taken);
    }

    /** Send what was left open; each answer goes to `$taken`. Throws the first refusal once all were sent. */
    public function resume(callable $taken): void
    {
        $refused = null;
        foreach (glob("$this->state/pending/*") as $file) {
            try {
                $this->deliver($file, $taken);
            } catch (Refused $why) {
                $refused ??= $why;
            }
        }
        if ($refused) {
            throw $refused;
        }
    }

    private function pending(string $path, string $body): string
    {
        return "$this->state/pending/" . hash('sha256', "$path\n$body");
    }

    private function deliver(string $file, ?callable $taken): string
    {
        [$key, $path, $match, $body] = explode("\n", file_get_contents($file), 4);
        $headers = ["Idempotency-Key: $key", ...($match === '' ? [] : ["If-Match: $match"])];
        try {
            $answer = $this->ask('POST', $path, $headers, $body);
        } catch (Refused $why) {
            // The token's refusal (a wrong key, a wrong clock) is not the intention's.
            if (!in_array($why->problem['code'] ?? '', ['invalid-client', 'invalid-request'], true)) {
                unlink($file);
            }
            throw $why;
        }
        $this->keepReceipts(json_decode($answer, true) ?? []);
        if ($taken) {
            $taken($answer);
        }
        unlink($file);
        return $answer;
    }

    private function keepReceipts(array $answer): void
    {
        foreach ($answer as $name => $member) {
            if ($name === 'receipt' && isset($member['entry'])) {
                $file = "$this->state/receipts/" . basename($member['entry']) . '.json';
                $this->write($file, json_encode($member, JSON_UNESCAPED_SLASHES));
            } elseif (is_array($member)) {
                $this->keepReceipts($member);
            }
        }
    }

    // -- the feed -----------------------------------------------------------------------------------------------------

    /**
     * Hand each new event to `$taken`, which may see one twice after a crash; none is lost, as `previous` proves.
     * Waits `$seconds` (30 at most) for the first. Throws NotGenuine at a gap or a fork.
     */
    public function follow(callable $taken, int $seconds = 0): void
    {
        $kept = json_decode((string) @file_get_contents("$this->state/feed"), true);
        [$last, $source] = $kept ?? [null, null];
        do {
            $page = json_decode($this->get('/events?after=' . ($last ?? -1) . "&wait=$seconds"), true);
            [$seconds, $came] = [0, false];
            foreach ($page['data'] as $event) {
                if ($last !== null && $event['logindex'] <= $last) {
                    continue;
                }
                if ($source !== null && $event['source'] !== $source) {
                    throw new NotGenuine(
                        2,
                        'Log bercabang: tanyakan kepada operator dari nomor berapa mulai lagi.',
                        'The log was forked: ask the operator from which index to begin again.',
                    );
                }
                if ($event['previous'] !== $last) {
                    throw new NotGenuine(
                        2,
                        "Ada peristiwa yang terlewat sesudah $last; tempat tidak dipindahkan, jalankan lagi.",
                        "Events after $last are missing; the place was not moved, run it again.",
                    );
                }
                $taken($event);
                [$came, $last, $source] = [true, $event['logindex'], $event['source']];
                $this->write("$this->state/feed", json_encode([$last, $source], JSON_UNESCAPED_SLASHES));
            }
        } while ($came);
    }

    // -- what others signed -------------------------------------------------------------------------------------------

    /** Verify a webhook's message; false where it came before. `$headers` by names in lower case. Throws NotGenuine. */
    public function webhook(array $headers, string $body, callable $taken): bool
    {
        $id = $headers['webhook-id'] ?? '';
        $stamp = $headers['webhook-timestamp'] ?? '';
        $isNamed = preg_match('~^[0-9A-Za-z_-]{1,64}$~D', $id) && isset($headers['lintas-webhook-key']);
        if (!$isNamed || !preg_match('~^\d{1,12}$~D', $stamp)) {
            throw new NotGenuine(2, 'Tajuk pesan tidak lengkap.', 'Headers of the message are missing.');
        }
        $age = now() - (int) $stamp;
        if (abs($age) > 300) {
            throw new NotGenuine(2, "Pesan terlalu lama: $age s.", "The message is too old: $age s.");
        }
        $secret = base64_decode(preg_replace('~^whsec_~', '', $this->own('LINTAS_WEBHOOK_SECRET')));
        $public = base64_decode(strtr($this->published($headers['lintas-webhook-key'], 'OKP')['x'], '-_', '+/'));
        $signed = "$id.$stamp.$body";
        [$isShared, $isPublic] = [false, false];
        foreach (explode(' ', $headers['webhook-signature'] ?? '') as $one) {
            [$kind, $signature] = [...explode(',', $one, 2), ''];
            $raw = (string) base64_decode($signature);
            $isShared = $isShared || ($kind === 'v1' && hash_equals(hash_hmac('sha256', $signed, $secret, true), $raw));
            $isPublic = $isPublic || ($kind === 'v1a' && strlen($raw) === SODIUM_CRYPTO_SIGN_BYTES
                && sodium_crypto_sign_verify_detached($raw, $signed, $public));
        }
        if (!$isShared) {
            throw new NotGenuine(2, 'Tanda tangan v1 tidak cocok dengan secret.', 'Signature v1 does not fit the secret.');
        }
        if (!$isPublic) {
            throw new NotGenuine(2, 'Tanda tangan v1a tidak cocok.', 'Signature v1a does not fit.');
        }
        // A challenge is answered as often as it comes.
        $isChallenge = (json_decode($body, true)['type'] ?? '') === 'lintas.webhook.challenge';
        if (!$isChallenge && file_exists("$this->state/webhooks/$id")) {
            return false;
        }
        $taken($body);
        touch("$this->state/webhooks/$id");
        // What is older is refused for its age; attempts end after four days.
        foreach (glob("$this->state/webhooks/*") as $old) {
            if (filemtime($old) < time() - 5 * 86400) {
                @unlink($old);
            }
        }
        return true;
    }

    /** What a receipt promises, once its signature and its members hold. Throws NotGenuine. */
    public function receipt(array $receipt): array
    {
        $parts = explode('.', (string) ($receipt['jws'] ?? ''));
        $bytes = array_map(fn ($part) => (string) base64_decode(strtr($part, '-_', '+/')), $parts);
        $header = count($parts) === 3 ? json_decode($bytes[0], true) : [];
        if (($header['alg'] ?? '') !== 'ES256' || ($header['typ'] ?? '') !== 'lintas-receipt+jwt') {
            throw new NotGenuine(2, 'Ini bukan tanda terima Lintas.', 'This is no receipt of Lintas.');
        }
        if (strlen($bytes[2]) !== 64) {
            throw new NotGenuine(2, 'Tanda tangannya bukan 64 byte (r, s).', 'The signature is not 64 bytes (r, s).');
        }
        $key = $this->published($header['kid'], 'EC');
        $point = array_map(fn ($name) => base64_decode(strtr($key[$name], '-_', '+/')), ['x', 'y']);
        $der = hex2bin('3059301306072a8648ce3d020106082a8648ce3d03010703420004') . implode('', $point);
        $pem = "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($der), 64, "\n") . "-----END PUBLIC KEY-----\n";
        // r and s as DER wants them: no leading zeros, but one where a number would look negative.
        $numbers = '';
        foreach (str_split($bytes[2], 32) as $number) {
            $number = ltrim($number, "\0");
            $number = $number === '' || ord($number[0]) > 127 ? "\0$number" : $number;
            $numbers .= "\x02" . chr(strlen($number)) . $number;
        }
        $signature = "\x30" . chr(strlen($numbers)) . $numbers;
        if (openssl_verify("$parts[0].$parts[1]", $signature, $pem, OPENSSL_ALGO_SHA256) !== 1) {
            throw new NotGenuine(2, 'Tanda tangan tanda terima tidak cocok.', "The receipt's signature does not fit.");
        }
        $promised = json_decode($bytes[1], true);
        $receipt['stream'] ??= $receipt['casefile'] ?? null; // a casefile is a stream, and its receipts say so
        foreach (['entry', 'stream', 'seq', 'leaf_hash', 'accepted_at', 'in_tree_by'] as $name) {
            if (($receipt[$name] ?? null) !== $promised[$name]) {
                throw new NotGenuine(2, "$name tidak sama dengan yang ditandatangani.", "$name is not what was signed.");
            }
        }
        return $promised;
    }

    /** The register's public key of that id; asked for again where it is not known yet. */
    private function published(string $kid, string $kind): array
    {
        for ($look = 0; $look < 2; $look++) {
            $set = json_decode((string) @file_get_contents("$this->state/jwks.json"), true);
            foreach ($set['keys'] ?? [] as $key) {
                if ($key['kid'] === $kid && $key['kty'] === $kind) {
                    return $key;
                }
            }
            [$status, $body] = $this->exchange('GET', "$this->base/.well-known/jwks.json", []);
            if ($status !== 200) {
                throw new NoAnswer(4, 'Kunci publik tidak dapat diambil.', 'The public keys cannot be fetched.');
            }
            $this->write("$this->state/jwks.json", $body);
        }
        throw new NotGenuine(2, "Kunci $kid tidak dikenal.", "The key $kid is not known.");
    }

    // -- settings and files -------------------------------------------------------------------------------------------

    private function own(string $name): string
    {
        $value = $this->settings[$name] ?? '';
        return $value !== '' ? $value : throw new Misused(1, "$name belum diisi.", "$name is not set.");
    }

    private function language(): string
    {
        return ($this->settings['LINTAS_LANGUAGE'] ?? '') ?: 'id';
    }

    /** Whole or not at all, and on the disk when this returns. */
    private function write(string $file, string $content): void
    {
        $draft = tempnam($this->state, 'draft');
        $stream = fopen($draft, 'w');
        fwrite($stream, $content);
        fsync($stream);
        rename($draft, $file);
        fsync($stream);
        fclose($stream);
    }
}

function readable(string $file): string
{
    $content = @file_get_contents($file);
    return $content !== false ? $content : throw new Misused(1, "$file tidak terbaca.", "$file cannot be read.");
}

function main(array $given): void
{
    $needs = ['get' => 1, 'send' => 2, 'act' => 3, 'webhook' => 2, 'receipt' => 1, 'assertion' => 4, 'sign' => 5];
    $command = array_shift($given) ?? '';
    $print = function (string $answer): void {
        echo $answer, "\n";
    };
    $isKnown = in_array($command, [...array_keys($needs), 'token', 'resume', 'follow'], true);
    if (!$isKnown || count($given) < ($needs[$command] ?? 0)) {
        preg_match_all('~^// ?(.*)$~m', implode('', array_slice(file(__FILE__), 1, 20)), $usage);
        throw new Misused(1, implode("\n", $usage[1]));
    }
    if ($command === 'assertion') {
        $print(assertion(...$given));
        return;
    }
    if ($command === 'sign') {
        [$method, $url, $file, $kid, $key] = $given;
        $print(implode("\n", sign($method, $url, readable($file), $kid, $key, array_slice($given, 5))));
        return;
    }
    $lintas = new Client(getenv());
    $show = fn (array $value) => $print(json_encode($value, JSON_UNESCAPED_SLASHES));
    match ($command) {
        'get' => $print($lintas->get($given[0])),
        'token' => $print($lintas->token()),
        'send' => $lintas->send($given[0], readable($given[1]), $given[2] ?? '', $print),
        'act' => $lintas->act($given[0], $given[1], readable($given[2]), $print),
        'resume' => $lintas->resume($print),
        'follow' => $lintas->follow($show, (int) ($given[0] ?? 0)),
        'receipt' => $show($lintas->receipt(json_decode(readable($given[0]), true) ?? [])),
        'webhook' => came($lintas, readable($given[0]), readable($given[1]), $print),
    };
}

function came(Client $lintas, string $lines, string $body, callable $print): void
{
    preg_match_all('~^([\w-]+): *(.*?)\r?$~m', $lines, $found);
    $headers = array_combine(array_map('strtolower', $found[1]), $found[2]);
    if (!$lintas->webhook($headers, $body, $print)) {
        fwrite(STDERR, "Pesan {$headers['webhook-id']} sudah diterima. / Message {$headers['webhook-id']} came before.\n");
    }
}

if (PHP_SAPI === 'cli' && realpath($_SERVER['argv'][0] ?? '') === __FILE__) {
    try {
        main(array_slice($_SERVER['argv'], 1));
    } catch (Trouble $why) {
        fwrite(STDERR, $why->getMessage() . "\n");
        exit($why->getCode());
    }
}
