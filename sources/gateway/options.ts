import {
  choice,
  duration,
  flag,
  hostPort,
  integer,
  list,
  type OptionsOf,
  rows,
  text,
} from '#source';
import { keyHashes } from './session/key-hash.ts';

export const options = {
  listen: hostPort({ doc: 'Where clients connect to.', default: '127.0.0.1:8080' }),
  target: text({
    doc: 'Upstream of all paths that no route and no definition has: `http://`, `https://`, `h2c://` (HTTP/2 without TLS), or `unix:/path`; its path goes before the request’s.',
    default: '',
  }),
  name: text({ doc: 'Name of `target` in records.', default: 'default' }),
  routes: rows(
    {
      host: text({
        doc: 'Host that it is for, or `*.example.com`; empty: every host.',
        default: '',
      }),
      path: text({ doc: 'Path that it is for, with all below it.', default: '/' }),
      target: text({ doc: 'Its upstream, as `target`.' }),
      name: text({
        doc: '`api_id` and `api_name` of its records; empty: host and path.',
        default: '',
      }),
      strip: flag({ doc: 'The upstream is asked without the path.', default: false }),
    },
    { doc: 'Upstreams by host and path; the most specific one counts.' },
  ),
  apis: text({ doc: 'Folder with API definitions of Tyk’s classic kind (`*.json`).', default: '' }),
  policies: text({ doc: 'File with Tyk’s policies, by their ids.', default: '' }),
  certificates: rows(
    {
      names: list(text({ doc: 'A name, or `*.example.com`.' }), {
        doc: 'Names that clients ask for; empty: those that the certificate is made out to.',
        default: [],
      }),
      cert: text({ doc: 'File with the certificate and those above it, in PEM.' }),
      key: text({ doc: 'File with its key, in PEM.' }),
    },
    {
      doc: 'Certificates by the name that a client asks for (SNI); the first one is for all others. None: without TLS.',
    },
  ),
  http2: flag({ doc: 'HTTP/2 for clients that want it.', default: true }),
  connect_timeout: duration({
    doc: 'How long connecting to an upstream may take.',
    default: '30s',
  }),
  timeout: duration({
    doc: 'How long an upstream may take to begin its answer, where a definition does not say: 504 afterwards.',
    default: '30s',
  }),
  client_address: choice(['headers', 'connection'], {
    doc: '`headers`: the client is whom `X-Real-IP` or `X-Forwarded-For` names, as to Tyk; anybody can write them, so `connection` is right where no proxy of yours is before this one.',
    default: 'headers',
  }),
  xff_depth: integer({
    doc: 'Which address of `X-Forwarded-For` is the client’s, counted from its end: as many as there are proxies of yours before this one. 0: the first one, after `X-Real-IP`.',
    default: 0,
    min: 0,
  }),
  hash_keys: flag({
    doc: 'As the gateway’s setting: keys of clients are stored and recorded as hashes.',
    default: true,
  }),
  hash_key_function: choice(keyHashes, {
    doc: 'As the gateway’s setting: how keys are hashed that it makes.',
    default: 'murmur64',
  }),
  watch: flag({
    doc: 'Reads definitions, policies and certificates again when a file changes; SIGHUP always does.',
    default: true,
  }),
};

export type Options = OptionsOf<typeof options>;
