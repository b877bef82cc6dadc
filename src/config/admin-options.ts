import { choice, flag, secret, text } from './options/builders.ts';
import { group, rows } from './options/collections.ts';

const token = (role: string) =>
  secret({
    doc: `Bearer token of the role ${role}, for the Admin API (docs/api.md); at least 12 characters. Empty: none.`,
    default: '',
  });

/** Who may ask the Admin API, and how the server that has it is reached. */
export const adminOptions = group(
  {
    viewer_token: token('viewer, who may look'),
    operator_token: token('operator, who may also change something'),
    users: rows(
      {
        name: text({ doc: 'Who it is: for basic authentication, and for the log.' }),
        role: choice(['viewer', 'operator'], {
          doc: '`viewer` may look, `operator` may also change something.',
          default: 'viewer',
        }),
        token: secret({ doc: 'Bearer token, at least 12 characters. Empty: none.', default: '' }),
        password: secret({
          doc: 'Password of basic authentication, at least 12 characters. Empty: none.',
          default: '',
        }),
      },
      { doc: 'Further users of the Admin API, each with a token, a password or both.' },
    ),
    console: flag({
      doc: 'Serves the console, pages for a browser, at `/` of the health port (docs/console.md).',
      default: true,
    }),
    tls_cert_file: text({
      doc: 'PEM file with the certificate, and those that lead to its authority: the health and metrics server speaks HTTPS then. Empty: HTTP.',
      default: '',
    }),
    tls_key_file: text({ doc: 'PEM file of its private key.', default: '' }),
  },
  { doc: 'The Admin API, and TLS of the server that has it.' },
);
