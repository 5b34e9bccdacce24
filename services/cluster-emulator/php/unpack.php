<?php
/** Unpacks archives: `ARCHIVE FOLDER` for each, into /unpacked. PHP brings what Node lacks. */
declare(strict_types=1);

foreach (array_chunk(array_slice($argv, 1), 2) as [$archive, $folder]) {
    $zip = new ZipArchive();
    $opened = $zip->open($archive, ZipArchive::RDONLY);
    if ($opened !== true || !$zip->extractTo("/unpacked/$folder")) {
        fwrite(STDERR, basename($archive) . " is no archive that can be unpacked ($opened).\n");
        exit(1);
    }
}
