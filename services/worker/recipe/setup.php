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
const DATABASE_PATIENCE_SECONDS = 120;

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

/** As the application's own user, over TCP: only then is the database the one that stays. */
function database(): mysqli
{
    mysqli_report(MYSQLI_REPORT_OFF);
    [$host, $port] = explode(':', getenv('WORDPRESS_DB_HOST')) + [1 => '3306'];
    $error = '';
    for ($end = time() + DATABASE_PATIENCE_SECONDS; time() < $end; usleep(500000)) {
        $link = mysqli_init();
        $connected = $link->real_connect(
            $host,
            getenv('WORDPRESS_DB_USER'),
            getenv('WORDPRESS_DB_PASSWORD'),
            getenv('WORDPRESS_DB_NAME'),
            (int) $port
        );
        if ($connected) {
            return $link;
        }
        $error = mysqli_connect_error() ?? '';
    }
    report('database', false, "The database does not accept WordPress' user: $error");
    exit(1);
}

function tables(mysqli $link): array
{
    return array_column($link->query("SHOW TABLES LIKE 'wp\\_%'")->fetch_all(), 0);
}

/** Our own marker, not WordPress' word: a core install that was killed half-way may call itself installed. */
function isInstalled(mysqli $link, array $tables): bool
{
    if (!in_array('wp_options', $tables, true)) {
        return false;
    }
    $rows = $link->query("SELECT 1 FROM wp_options WHERE option_name = '" . INSTALLED_MARKER . "'");
    return $rows !== false && $rows->num_rows > 0;
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
$link = database();
$tables = tables($link);
if (!isInstalled($link, $tables)) {
    if ($tables !== []) {
        $link->query('SET FOREIGN_KEY_CHECKS = 0');
        foreach ($tables as $table) {
            $link->query("DROP TABLE `$table`");
        }
        report('half-made core', true, 'A core install that was cut short was cleared away.');
    }
    run('core', [__DIR__ . '/install.php']);
    $marker = "INSERT INTO wp_options (option_name, option_value) VALUES ('" . INSTALLED_MARKER . "', '1')";
    if (!$link->query($marker)) {
        report('core', false, "The end of the core install could not be marked: $link->error");
    }
}
$link->close();
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
