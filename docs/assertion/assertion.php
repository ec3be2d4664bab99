<?php
// Print a client assertion (RFC 7523, ES256) for one token. Needs PHP 8 with its openssl extension.
//   php assertion.php CLIENT_ID KID KEY.pem ISSUER
[, $clientId, $kid, $keyFile, $issuer] = $argv;

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

// openssl_sign writes DER: 30 length, 02 length r, 02 length s. ES256 wants r and s alone, 32 bytes each.
function fromDer(string $der): string
{
    $lengthOfR = ord($der[3]);
    $numbers = [substr($der, 4, $lengthOfR), substr($der, 6 + $lengthOfR)];
    return implode('', array_map(fn ($number) => str_pad(ltrim($number, "\0"), 32, "\0", STR_PAD_LEFT), $numbers));
}

$now = time();
$header = ['alg' => 'ES256', 'typ' => 'JWT', 'kid' => $kid];
$claims = [
    'iss' => $clientId,
    'sub' => $clientId,
    'aud' => $issuer,
    'iat' => $now,
    'exp' => $now + 60,
    'jti' => bin2hex(random_bytes(16)),
];
$signed = base64url(json_encode($header)) . '.' . base64url(json_encode($claims, JSON_UNESCAPED_SLASHES));
openssl_sign($signed, $der, openssl_pkey_get_private(file_get_contents($keyFile)), OPENSSL_ALGO_SHA256);
echo $signed . '.' . base64url(fromDer($der)) . "\n";
