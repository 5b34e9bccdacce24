<?php
/**
 * Makes a fresh WordPress the shop that recipe.json describes. Prints one JSON line a step:
 * {"step":"…","ok":true|false,"message":"…"}. Can be killed at any moment and run again: what is done is found, not
 * repeated. Reads no argument; the admin's password comes as STORE_ADMIN_PASSWORD.
 */
declare(strict_types=1);
// The trace of a fault would show passwords among the arguments.
ini_set('zend.exception_ignore_args', '1');

const RECIPE = __DIR__ . '/recipe.json';
const TOOLS = '/store-platform/tools';
const DOCROOT = '/var/www/html';
const LOCK = DOCROOT . '/wp-content/.store-setup.lock';
const INSTALLED_MARKER = 'store_platform_core_installed';

require __DIR__ . '/database.php';

function report(string $step, bool $ok, string $message): void
{
    $line = json_encode(['step' => $step, 'ok' => $ok, 'message' => $message], JSON_INVALID_UTF8_SUBSTITUTE);
    fwrite(STDOUT, $line . "\n");
    if (!$ok) {
        exit(1);
    }
}

/** Runs a PHP program with arguments that no shell reads, and reports its own words when it fails. */
function run(string $step, array $arguments): void
{
    $pipes = [];
    $process = proc_open(['php', ...$arguments], [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
    $output = stream_get_contents($pipes[1]);
    $code = proc_close($process);
    if ($code !== 0) {
        report($step, false, trim(substr($output, -600)) ?: "It ended with code $code.");
    }
}

function wp(string $step, array $arguments): void
{
    run($step, [TOOLS . '/wp', '--path=' . DOCROOT, '--no-color', ...$arguments]);
}

/** Our own marker, not WordPress' word: a core install that was killed half-way may call itself installed. */
function isInstalled(Database $database, array $tables): bool
{
    return in_array('wp_options', $tables, true) && $database->hasOption(INSTALLED_MARKER);
}

/** The profile's version and no other, whatever an address answers with. */
function expectVersion(string $step, string $title, string $file, string $wanted): void
{
    $head = (string) file_get_contents(DOCROOT . "/wp-content/$file", false, null, 0, 8192);
    $found = preg_match('/^[ \t\/*#@]*Version:\s*(\S+)/mi', $head, $match) ? $match[1] : 'no version';
    if ($found !== $wanted) {
        report($step, false, "The archive holds $title $found, not $wanted.");
    }
    report($step, true, "$title $found is in place.");
}

// One set-up at a time, also when an exec was cut and its process lives on: the lock goes with the last process.
$lock = fopen(LOCK, 'c');
if ($lock !== false && !flock($lock, LOCK_EX | LOCK_NB, $taken) && $taken) {
    report('lock', true, 'An earlier set-up of this shop still runs; it is waited for.');
}
if ($lock === false || !flock($lock, LOCK_EX)) {
    report('lock', false, 'The set-up lock in wp-content cannot be taken.');
}

$recipe = json_decode(file_get_contents(RECIPE), true, 64, JSON_THROW_ON_ERROR);
try {
    $database = Database::open();
} catch (RuntimeException $fault) {
    report('database', false, $fault->getMessage());
}
$tables = $database->tables();
if (!isInstalled($database, $tables)) {
    if ($tables !== []) {
        $database->clear();
        report('half-made core', true, 'A core install that was cut short was cleared away.');
    }
    run('core', [__DIR__ . '/install.php']);
    try {
        $database->addOption(INSTALLED_MARKER, '1');
    } catch (RuntimeException $fault) {
        report('core', false, "The end of the core install could not be marked: {$fault->getMessage()}");
    }
}
unset($database);
report('core', true, 'WordPress is installed.');

if (!is_dir(DOCROOT . '/wp-content/plugins/' . $recipe['plugin']['slug'])) {
    wp('plugin', ['plugin', 'install', TOOLS . '/woocommerce.zip']);
}
expectVersion('plugin', 'WooCommerce', 'plugins/woocommerce/woocommerce.php', $recipe['plugin']['version']);
if (!is_dir(DOCROOT . '/wp-content/themes/' . $recipe['theme']['slug'])) {
    wp('theme', ['theme', 'install', TOOLS . '/storefront.zip']);
}
expectVersion('theme', 'Storefront', 'themes/storefront/style.css', $recipe['theme']['version']);

// Activation first and alone: what follows needs WooCommerce loaded from the start.
wp('activate', ['eval-file', __DIR__ . '/furnish.php', 'activate', RECIPE]);
report('activate', true, 'WooCommerce and Storefront are active.');
wp('furnish', ['eval-file', __DIR__ . '/furnish.php', 'furnish', RECIPE]);
report('options', true, 'Country, currency, links and payment are set.');
report('products', true, count($recipe['products']) . ' products are for sale.');
