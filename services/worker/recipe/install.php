<?php
/**
 * WordPress' own installer, called with data instead of a command line: the title is whatever was typed. A program of
 * its own, because WordPress expects to be loaded outside any function.
 */
declare(strict_types=1);
// The trace of a fault would show the password among the arguments.
ini_set('zend.exception_ignore_args', '1');

define('WP_INSTALLING', true);
require '/var/www/html/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

$recipe = json_decode(file_get_contents(__DIR__ . '/recipe.json'), true, 64, JSON_THROW_ON_ERROR);
// No mail leaves a shop that is being made.
add_filter('pre_wp_mail', '__return_false');
$_SERVER['HTTP_HOST'] = parse_url($recipe['shop']['url'], PHP_URL_HOST);
define('WP_SITEURL', $recipe['shop']['url']);

$result = wp_install(
    $recipe['shop']['name'],
    $recipe['admin']['user'],
    $recipe['admin']['email'],
    true,
    '',
    wp_slash(getenv('STORE_ADMIN_PASSWORD'))
);
if (is_wp_error($result)) {
    fwrite(STDERR, $result->get_error_message());
    exit(1);
}
update_option('siteurl', $recipe['shop']['url']);
update_option('home', $recipe['shop']['url']);
