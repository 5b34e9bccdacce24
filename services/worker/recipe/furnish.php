<?php
/**
 * Run by `wp eval-file` with WordPress loaded: `activate`, then in a process of its own `furnish`. That command
 * evaluates the text inside a function, so nothing here may be declared first, or ask where the file lies.
 */
ini_set('zend.exception_ignore_args', '1');
[$task, $recipeFile] = $args;
$recipe = json_decode(file_get_contents($recipeFile), true, 64, JSON_THROW_ON_ERROR);
add_filter('pre_wp_mail', '__return_false');

function stop(string $message): never
{
    fwrite(STDERR, $message);
    exit(1);
}

function activate(array $recipe): void
{
    $admin = get_user_by('login', $recipe['admin']['user']);
    if (!$admin || !wp_check_password(getenv('STORE_ADMIN_PASSWORD'), $admin->user_pass, $admin->ID)) {
        stop("The admin can't log in: the core install did not end well.");
    }
    // Left by an activation that was killed; with it the next one would do nothing for ten minutes.
    delete_transient('wc_installing');
    require_once ABSPATH . 'wp-admin/includes/plugin.php';
    $plugin = "{$recipe['plugin']['slug']}/{$recipe['plugin']['slug']}.php";
    $result = activate_plugin($plugin);
    if (is_wp_error($result)) {
        stop($result->get_error_message());
    }
    // Switched to once more, it would take its own widgets for those of another theme.
    if (get_stylesheet() !== $recipe['theme']['slug']) {
        switch_theme($recipe['theme']['slug']);
    }
}

function furnish(array $recipe): void
{
    global $wpdb;
    // The fence of last resort: an exec may outlive its worker, and two of them must not make two of a product.
    if ($wpdb->get_var("SELECT GET_LOCK('store_platform_furnish', 60)") !== '1') {
        stop('Another set-up of this shop is running.');
    }
    if (get_option('woocommerce_version') !== WC()->version) {
        WC_Install::install();
    }
    // WordPress keeps titles with the ampersand encoded, and shows them decoded.
    update_option('blogname', str_replace('&', '&amp;', $recipe['shop']['name']));
    foreach ($recipe['options'] as $name => $value) {
        update_option($name, $value);
    }
    update_option('woocommerce_cod_settings', $recipe['payment']['cod']);
    WC_Install::create_pages();
    delete_transient('_wc_activation_redirect');
    array_map('furnishProduct', $recipe['products']);
    delete_option('rewrite_rules');
}

/** Whole or not at all: killed in between, a product without its SKU would not be found again. */
function furnishProduct(array $wanted): void
{
    global $wpdb;
    $wpdb->query('START TRANSACTION');
    $id = wc_get_product_id_by_sku($wanted['sku']);
    $product = $id ? wc_get_product($id) : new WC_Product_Simple();
    $product->set_sku($wanted['sku']);
    $product->set_name($wanted['name']);
    $product->set_regular_price($wanted['price']);
    $product->set_status('publish');
    // Saved anew each time, a product that is as it should be would cost a run that only looks after things a third.
    if (!$id || $product->get_changes() !== []) {
        $product->save();
    }
    $wpdb->query('COMMIT');
}

match ($task) {
    'activate' => activate($recipe),
    'furnish' => furnish($recipe),
};
