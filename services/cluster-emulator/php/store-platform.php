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

// The plugin that speaks SQLite finds no table behind an alias with AS, in a DELETE from several. WooCommerce writes that.
add_filter('query', fn(string $query): string => preg_match('/^\s*DELETE \w+ FROM /', $query)
    ? preg_replace('/ as (?=\w+\s)/i', ' ', $query)
    : $query);

// WordPress asks one by one for options that are not loaded at the start, most of them because they do not exist: half of
// a page's queries, and here each costs its translation. Their names are remembered, and asked for at once.
define('ASKED_OPTIONS', WP_CONTENT_DIR . '/database/.asked-options.json');
if (!wp_installing()) {
    $asked = is_file(ASKED_OPTIONS) ? (array) json_decode((string) file_get_contents(ASKED_OPTIONS), true) : [];
    wp_prime_option_caches($asked);
    add_action('shutdown', function () use ($asked) {
        global $wp_object_cache;
        $all = $wp_object_cache->cache['options'] ?? [];
        $names = array_keys($all + ($all['notoptions'] ?? []));
        // Some come and go under numbers without end.
        $new = array_filter($names, fn($name): bool => !preg_match('/[0-9a-f]{8}|^(all|not)options$/', (string) $name));
        $new = array_values(array_diff($new, $asked));
        if ($new !== []) {
            file_put_contents(ASKED_OPTIONS, json_encode([...$asked, ...$new]), LOCK_EX);
        }
    }, PHP_INT_MAX);
}

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
