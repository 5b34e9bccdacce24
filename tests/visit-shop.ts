import { request } from 'node:http';

export interface ShopPage {
  readonly status: number;
  readonly body: string;
}

/** A browser without eyes: keeps cookies, follows redirects, sends forms back with what was in them. */
export const visitShop = (url: string, ingressPort: number) => {
  const { host } = new URL(url);
  const cookies = new Map<string, string>();

  const send = (method: string, path: string, form?: URLSearchParams): Promise<ShopPage> =>
    new Promise((resolve, reject) => {
      const text = form?.toString();
      const headers = {
        host,
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(text !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      };
      const call = request({ host: '127.0.0.1', port: ingressPort, method, path, headers }, (response) => {
        for (const line of response.headers['set-cookie'] ?? []) {
          const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? [];
          cookies.set(name, value);
        }
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          const { location } = response.headers;
          const target = location && new URL(location, url);
          if (target) resolve(send('GET', `${target.pathname}${target.search}`));
          else resolve({ status: response.statusCode ?? 0, body });
        });
      });
      call.on('error', reject);
      call.end(text);
    });

  return {
    get: (path: string) => send('GET', path),
    /** Sends the page's first form to that address, as it stands there, with its hidden fields and what is typed. */
    submit: (html: string, action: string, typed: Readonly<Record<string, string>> = {}) => {
      const form = html.split('<form').find((part) => part.includes(`action="${action}"`)) ?? '';
      const hidden = [
        ...(form.split('</form>')[0]?.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g) ?? []),
      ];
      const fields = hidden.map(([, name = '', value = '']): [string, string] => [name, value]);
      const { pathname, search } = new URL(action, url);
      return send('POST', `${pathname}${search}`, new URLSearchParams([...fields, ...Object.entries(typed)]));
    },
  };
};
