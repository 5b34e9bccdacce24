<?php
/**
 * The shop's database, before WordPress knows it: MySQL, as the application's own user, over TCP. Where shops run on
 * another database, this file alone is another one.
 */
declare(strict_types=1);
// The trace of a fault would show passwords among the arguments.
ini_set('zend.exception_ignore_args', '1');

const DATABASE_PATIENCE_SECONDS = 120;

final class Database
{
    private function __construct(private mysqli $link)
    {
    }

    /**
     * Only what answers the application is the database that stays: MySQL's first boot runs a temporary one.
     * @throws RuntimeException when it doesn't accept WordPress' user in time
     */
    public static function open(): self
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
                return new self($link);
            }
            $error = mysqli_connect_error() ?? '';
        }
        throw new RuntimeException("The database does not accept WordPress' user: $error");
    }

    public function tables(): array
    {
        return array_column($this->link->query("SHOW TABLES LIKE 'wp\\_%'")->fetch_all(), 0);
    }

    public function hasOption(string $name): bool
    {
        $rows = $this->link->query("SELECT 1 FROM wp_options WHERE option_name = '$name'");
        return $rows !== false && $rows->num_rows > 0;
    }

    /** @throws RuntimeException */
    public function addOption(string $name, string $value): void
    {
        if (!$this->link->query("INSERT INTO wp_options (option_name, option_value) VALUES ('$name', '$value')")) {
            throw new RuntimeException($this->link->error);
        }
    }

    /** Drops what a core install that was cut short has left. */
    public function clear(): void
    {
        $this->link->query('SET FOREIGN_KEY_CHECKS = 0');
        foreach ($this->tables() as $table) {
            $this->link->query("DROP TABLE `$table`");
        }
    }
}
