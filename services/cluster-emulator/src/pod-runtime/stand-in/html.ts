/** Text that may stand anywhere in HTML. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#039;');

const style = `
*{box-sizing:border-box}body{margin:0;font:16px/1.6 system-ui,sans-serif;color:#2c2d33;background:#fff}
.bar{background:#7c2d12;color:#fff;font-size:.8rem;padding:.25rem 1rem;text-align:center}
header{border-bottom:1px solid #e6e6ea;padding:1.2rem 0}.wrap{max-width:62rem;margin:0 auto;padding:0 1rem}
header .wrap{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:baseline;justify-content:space-between}
header a{color:#2c2d33;text-decoration:none}header .name{font-size:1.5rem;font-weight:700;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:1rem}main{padding:2rem 0}h1{margin:0 0 1.2rem;font-weight:500;overflow-wrap:anywhere}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:1.5rem;padding:0;list-style:none}
.card{border:1px solid #e6e6ea;border-radius:.5rem;padding:1.2rem;text-align:center;display:flex;flex-direction:column}.card form{margin-top:auto}.card h2{font-size:1.05rem;margin:.4rem 0}
.card a{color:inherit}.picture{font-size:3.5rem;line-height:1.4}.price{color:#555;margin:.2rem 0 1rem}
button,.button{background:#6b3fa0;border:0;border-radius:.35rem;color:#fff;cursor:pointer;display:inline-block;font:inherit;font-weight:600;padding:.6rem 1.1rem;text-decoration:none}
button:hover,.button:hover{background:#542f80}:focus-visible{outline:3px solid #f0b429;outline-offset:2px}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #e6e6ea;padding:.6rem .4rem;text-align:left}
label{display:block;font-weight:600;margin:.8rem 0 .2rem}input[type=text],input[type=email],input[type=password],input[type=number]{border:1px solid #8d8d94;border-radius:.35rem;font:inherit;padding:.5rem;width:100%}
input[type=number]{width:5rem}.radio{font-weight:400}footer{border-top:1px solid #e6e6ea;font-size:.85rem;padding:1rem 0}.scroll{overflow-x:auto}
@media (max-width:28rem){.wide{display:none}header .name{font-size:1.25rem}}.notice{background:#eef6ee;border-left:4px solid #2e7d32;padding:.7rem 1rem;margin-bottom:1.2rem}
.error{background:#fdecea;border-left-color:#b3261e}form.narrow{max-width:28rem}.muted{color:#555}`;

export interface Page {
  readonly title: string;
  /** HTML, its parts already escaped. */
  readonly body: string;
  readonly shopName: string;
  readonly cartCount?: number;
  /** What the shop runs, in its last line. */
  readonly madeWith: string;
}

/** A whole page. Every one says that it is a stand-in. */
export const renderPage = ({
  title,
  body,
  shopName,
  madeWith,
  cartCount = 0,
}: Page): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,"><title>${escapeHtml(title)} – ${escapeHtml(shopName)}</title><style>${style}</style></head><body>
<div class="bar">Stand-in shop: nothing here is really sold.</div>
<header><div class="wrap"><a class="name" href="/">${escapeHtml(shopName)}</a>
<nav aria-label="Shop"><a href="/shop/">Shop</a><a href="/cart/">Cart (${cartCount})</a><a href="/checkout/">Checkout</a><a href="/my-account/">My account</a></nav></div></header>
<main><div class="wrap"><h1>${escapeHtml(title)}</h1>${body}</div></main>
<footer><div class="wrap muted">${escapeHtml(madeWith)}</div></footer></body></html>`;
