<?php
// Print the three headers that sign a request (RFC 9421, ES256). Needs PHP 8 with its openssl extension.
//   php sign.php METHOD URL BODY_FILE KID KEY.pem 'Authorization: Bearer …' 'Idempotency-Key: …' ['If-Match: "3"']
[, $method, $url, $bodyFile, $kid, $keyFile] = $argv;
$headers = array_slice($argv, 6);

// openssl_sign writes DER: 30 length, 02 length r, 02 length s. ES256 wants r and s alone, 32 bytes each.
function fromDer(string $der): string
{
    $lengthOfR = ord($der[3]);
    $numbers = [substr($der, 4, $lengthOfR), substr($der, 6 + $lengthOfR)];
    return implode('', array_map(fn ($number) => str_pad(ltrim($number, "\0"), 32, "\0", STR_PAD_LEFT), $numbers));
}

$body = file_get_contents($bodyFile);
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
$parameters = "($covered);created=" . time() . ";keyid=\"$kid\";tag=\"lintas-v1\"";
$base = '';
foreach ($parts as $name => $value) {
    $base .= "\"$name\": $value\n";
}
$base .= "\"@signature-params\": $parameters";

openssl_sign($base, $der, openssl_pkey_get_private(file_get_contents($keyFile)), OPENSSL_ALGO_SHA256);
if ($body !== '') {
    echo "Content-Digest: $digest\n";
}
echo "Signature-Input: sig=$parameters\n";
echo 'Signature: sig=:' . base64_encode(fromDer($der)) . ":\n";
