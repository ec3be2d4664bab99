<?php
// Penerima webhook / a receiver of webhooks, with lintas.php beside it. To try it: php -S 127.0.0.1:8085 webhook.php
//
// It needs LINTAS_BASE, LINTAS_WEBHOOK_SECRET (told once by POST /webhooks) and LINTAS_STATE; the challenge is refused
// until the secret is set, and comes again. In Laravel this is the body of a controller's method, outside of the CSRF
// middleware; $headers from $request->headers->all(), $body from $request->getContent(), never from $request->json():
// the signature is over the bytes.
require __DIR__ . '/lintas.php';

$headers = array_change_key_case(getallheaders());
$body = file_get_contents('php://input');
try {
    $lintas = new \Lintas\Client(getenv());
    $lintas->webhook($headers, $body, function (string $body): void {
        $event = json_decode($body, true);
        if ($event['type'] === 'lintas.webhook.challenge') {
            header('Content-Type: application/json');
            echo json_encode(['challenge' => $event['data']['challenge']]);
            return;
        }
        // Note that something happened and answer; read the casefile at data.href afterwards, from a queue of yours.
        file_put_contents(getenv('LINTAS_STATE') . '/events.ndjson', $body . "\n", FILE_APPEND | LOCK_EX);
    });
} catch (\Lintas\NotGenuine $why) {
    http_response_code(401);
    error_log($why->getMessage());
} catch (\Lintas\Trouble $why) {
    http_response_code(503); // the register tries again
    error_log($why->getMessage());
}
