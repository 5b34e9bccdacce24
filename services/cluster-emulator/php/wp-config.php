<?php
/**
 * Written by the platform at each start of the shop. As in the official image, what is secret stays out of the claim: it
 * comes in the container's environment, out of the Secret.
 */
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define("{$name}_KEY", (string) getenv("WORDPRESS_{$name}_KEY"));
    define("{$name}_SALT", (string) getenv("WORDPRESS_{$name}_SALT"));
}

define('DB_NAME', (string) getenv('WORDPRESS_DB_NAME'));
define('DB_USER', '');
define('DB_PASSWORD', '');
define('DB_HOST', '');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = 'wp_';

// With the plugin's own choice, WAL, two processes of PHP are no faster than one.
define('SQLITE_JOURNAL_MODE', 'DELETE');

// A copied shop is right at its own address at once, and one that is visited under two names at both.
if (isset($_SERVER['HTTP_HOST'])) {
    defined('WP_HOME') || define('WP_HOME', "http://{$_SERVER['HTTP_HOST']}");
    defined('WP_SITEURL') || define('WP_SITEURL', WP_HOME);
}

// PHP has no network here: nothing waits for answers that can't come. The platform calls wp-cron.php.
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISABLE_WP_CRON', true);
define('FS_METHOD', 'direct');
define('WP_DEBUG', false);

defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
