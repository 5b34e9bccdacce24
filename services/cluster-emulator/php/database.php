<?php
/**
 * In the place of the recipe's own database.php: the shop's database is a SQLite file on its claim, made by the plugin
 * that WordPress loads as its database.
 */
declare(strict_types=1);
// The trace of a fault would show passwords among the arguments.
ini_set('zend.exception_ignore_args', '1');

const SQLITE_FILE = DOCROOT . '/wp-content/database/.ht.sqlite';

final class Database
{
    /** Nothing to wait for: the file is there when WordPress has made it. */
    public static function open(): self
    {
        return new self();
    }

    public function tables(): array
    {
        return is_file(SQLITE_FILE)
            ? $this->link()->query("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'wp\_%' ESCAPE '\'")
                ->fetchAll(PDO::FETCH_COLUMN)
            : [];
    }

    public function hasOption(string $name): bool
    {
        $found = $this->link()->prepare('SELECT 1 FROM wp_options WHERE option_name = ?');
        $found->execute([$name]);
        return $found->fetchColumn() !== false;
    }

    public function addOption(string $name, string $value): void
    {
        $this->link()->prepare('INSERT INTO wp_options (option_name, option_value) VALUES (?, ?)')->execute([$name, $value]);
    }

    /** The whole file: what the plugin keeps in it about the tables goes with them. */
    public function clear(): void
    {
        array_map('unlink', glob(SQLITE_FILE . '*'));
    }

    /** A connection of its own each time: none is open while another process works. */
    private function link(): PDO
    {
        return new PDO('sqlite:' . SQLITE_FILE, null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    }
}
