import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Scripts and styles come from here alone, nothing inline; nobody may frame the page. TLS is the business of who ends it. */
const setHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
});

/** Only for what the dashboard itself answers: the API sets its own. */
export const secure = (request: IncomingMessage, response: ServerResponse): void => {
  setHeaders(request, response, (error) => {
    if (error) throw error;
  });
};
