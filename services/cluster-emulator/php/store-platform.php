<?php
/**
 * Plugin Name: Store Platform
 * Description: What differs where this shop runs on Node alone: SQLite has no named locks, and PHP has no network.
 */

// The recipe's fence. SQLite would say yes to everybody; a lock on a file goes with the process, as MySQL's does.
add_filter('query', function (string $query): string {
    if (!preg_match("/^SELECT GET_LOCK\('(\w+)', (\d+)\)$/", $query, $match)) {
        return $query;
    }
    static $locks = [];
    [, $name, $seconds] = $match;
    $locks[$name] = fopen(WP_CONTENT_DIR . "/database/.$name.lock", 'c');
    for ($end = time() + (int) $seconds; !flock($locks[$name], LOCK_EX | LOCK_NB); usleep(200000)) {
        if (time() >= $end) {
            return "SELECT '0'";
        }
    }
    return "SELECT '1'";
});

// A shop's calls to itself are answered by another of its PHP processes; the one that runs this hands them over.
add_filter('pre_http_request', function ($answer, array $arguments, string $url) {
    $own = wp_parse_url(home_url(), PHP_URL_HOST);
    if ($answer !== false || !function_exists('post_message_to_js') || wp_parse_url($url, PHP_URL_HOST) !== $own) {
        return $answer;
    }
    $body = $arguments['body'] ?? '';
    $headers = array_change_key_case((array) $arguments['headers']);
    if (is_array($body)) {
        $body = http_build_query($body, '', '&');
        $headers += ['content-type' => 'application/x-www-form-urlencoded'];
    }
    $cookies = array_map(
        fn($cookie) => $cookie instanceof WP_Http_Cookie ? $cookie->getHeaderValue() : '',
        $arguments['cookies'] ?? []
    );
    if ($cookies !== []) {
        $headers += ['cookie' => implode('; ', array_filter($cookies))];
    }
    $parts = wp_parse_url($url);
    $said = json_decode(post_message_to_js(json_encode([
        'method' => $arguments['method'] ?? 'GET',
        'host' => $parts['host'] . (isset($parts['port']) ? ":{$parts['port']}" : ''),
        'url' => ($parts['path'] ?? '/') . (isset($parts['query']) ? "?{$parts['query']}" : ''),
        'headers' => array_map('strval', $headers),
        'body' => base64_encode((string) $body),
        'waits' => (bool) ($arguments['blocking'] ?? true),
        'timeoutMs' => (int) (1000 * (float) ($arguments['timeout'] ?? 5)),
    ])), true);
    if (!is_array($said) || isset($said['error'])) {
        return new WP_Error('http_request_failed', $said['error'] ?? 'The shop did not answer itself.');
    }
    return [
        'headers' => new WpOrg\Requests\Utility\CaseInsensitiveDictionary($said['headers']),
        'body' => base64_decode($said['body']),
        'response' => ['code' => $said['status'], 'message' => get_status_header_desc($said['status'])],
        'cookies' => [],
        'filename' => null,
    ];
}, 10, 3);
