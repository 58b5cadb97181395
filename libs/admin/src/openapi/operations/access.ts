import { LoginBody } from '../../auth/auth.controller.js';
import { TokenBody } from '../../tokens/tokens.controller.js';
import { tagged } from './operation.js';

export const ACCESS_OPERATIONS = tagged('access', {
  'POST /api/auth/login': {
    summary: 'Gives a token for a name and a password.',
    body: LoginBody,
    answer: 'Login',
  },
  'POST /api/auth/logout': { summary: "Ends the session of the header's token, on every node.", answer: 'Ok' },
  'GET /api/auth/me': { summary: 'Who makes the request, and what they may do.', answer: 'Me' },
  'POST /login': { summary: 'Signs in with a form and sets the session cookie.', status: 302 },
  'GET /login/oidc': { summary: 'Leads the browser to the identity provider.', status: 302 },
  'GET /login/oidc/callback': {
    summary: 'Where the identity provider leads back to: sets the session cookie.',
    type: 'text/html',
  },
  'POST /logout': { summary: "Ends the cookie's session.", status: 302 },
  'GET /api/tokens': { summary: 'API tokens, without what they are.', answer: 'Token', list: true },
  'POST /api/tokens': {
    summary: 'Makes an API token; `token` is in this answer and nowhere else.',
    body: TokenBody,
    answer: 'Token',
    status: 201,
  },
  'DELETE /api/tokens/:id': { summary: 'Ends an API token at once, on every node.', answer: 'Ok' },
});
