<?php
// php submit.php CONNECTOR FILE SUBJECT KEY: sends one change, and prints what became of it.
function call(string $path, array $options = []): array {
    $token = getenv('LOCKGATE_TOKEN');
    $options['header'] = array_merge($options['header'] ?? [], $token ? ["Authorization: Bearer $token"] : []);
    foreach ([0, 1, 2, 4, 8, 16, 30] as $seconds) {
        sleep($seconds);
        $context = stream_context_create(['http' => $options + ['timeout' => 30, 'ignore_errors' => true]]);
        $http_response_header = [];
        $body = @file_get_contents((getenv('LOCKGATE_URL') ?: 'http://127.0.0.1:7070') . $path, false, $context);
        $status = (int) (explode(' ', $http_response_header[0] ?? 'HTTP/1.1 0')[1] ?? 0); // 0: no answer
        if ($status >= 200 && $status < 300) return json_decode($body, true);
        $again = in_array($status, [0, 408, 429], true) || $status >= 500; // with the same key
        if (!$again) break; // a mistake: trying again does not help
    }
    fwrite(STDERR, $status ? "$status: $body\n" : "the server does not answer\n");
    exit(1);
}

[, $connector, $file, $subject, $key] = $argv; // one key for each change, not for each object
$query = http_build_query(['subject' => $subject, 'task_type' => 'update-object', 'wait' => '5s']);
$header = ["Idempotency-Key: $key", 'Content-Type: ' . (getenv('MEDIA_TYPE') ?: 'application/json')];
$request = ['method' => 'POST', 'header' => $header, 'content' => file_get_contents($file)];
$answer = call('/v1/connectors/' . rawurlencode($connector) . "/tasks?$query", $request);
// It may wait for something, or for an operator: its state says so, and it is safe in the queue.
echo "task {$answer['task']}: ", $answer['outcome'] ?? $answer['state'], "\n";
