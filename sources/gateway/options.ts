import {
  choice,
  duration,
  flag,
  group,
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
    doc: 'Upstream of all paths that no route and no definition has: `http://`, `https://`, `h2c://` (HTTP/2 without TLS), or `unix:/path`; its path goes before the request’s. `srv://_http._tcp.shop.example`, `srv+https://` and `srv+h2c://` are the upstreams that SRV records name.',
    default: '',
  }),
  targets: list(text({ doc: 'An upstream.' }), {
    doc: 'Several upstreams that take turns, in place of `target`.',
    default: [],
  }),
  name: text({ doc: 'Name of `target` in records.', default: 'default' }),
  routes: rows(
    {
      host: text({
        doc: 'Host that it is for, or `*.example.com`; empty: every host.',
        default: '',
      }),
      path: text({ doc: 'Path that it is for, with all below it.', default: '/' }),
      target: text({ doc: 'Its upstream, as `target`.', default: '' }),
      targets: list(text({ doc: 'An upstream.' }), {
        doc: 'Several upstreams that take turns, in place of it.',
        default: [],
      }),
      name: text({
        doc: '`api_id` and `api_name` of its records; empty: host and path.',
        default: '',
      }),
      strip: flag({ doc: 'The upstream is asked without the path.', default: false }),
      health_path: text({ doc: 'Its own `health.path`.', default: '' }),
    },
    { doc: 'Upstreams by host and path; the most specific one counts.' },
  ),
  health: group(
    {
      path: text({
        doc: 'What upstreams of `target`, `targets` and `routes` are asked for; empty: they are not checked.',
        default: '',
      }),
      interval: duration({
        doc: 'From one check of an upstream to the next, those of `uptime_tests` too.',
        default: '10s',
        min: '100ms',
      }),
      timeout: duration({ doc: 'How long one may take.', default: '2s', min: '1ms' }),
      expect: text({
        doc: 'Statuses that pass, such as `200-399` or `200,204`. Redirects are not followed.',
        default: '200-399',
      }),
      unhealthy_after: integer({
        doc: 'Checks in a row that must fail until an upstream counts as unhealthy.',
        default: 3,
        min: 1,
      }),
      healthy_after: integer({
        doc: 'Checks in a row that must pass until it counts as healthy again.',
        default: 3,
        min: 1,
      }),
    },
    {
      doc: 'Checks of upstreams. Of several those that are unhealthy get no calls, while others are there.',
    },
  ),
  dns_servers: list(text({ doc: 'An address, with a port or without.' }), {
    doc: 'DNS servers that are asked for SRV records and the addresses of their targets, such as `127.0.0.1:8600` of a registry. Empty: those of the system.',
    default: [],
  }),
  outlier: group(
    {
      server_errors: integer({
        doc: 'So many answers of 500 and more in a row; 0: they do not count.',
        default: 5,
        min: 0,
      }),
      gateway_errors: integer({
        doc: 'So many in a row of 502, 503, 504, and of calls that got no answer; 0: they do not count.',
        default: 3,
        min: 0,
      }),
      time: duration({
        doc: 'How long, times how often it has happened (10 at most).',
        default: '10s',
      }),
    },
    {
      doc: 'When one of several upstreams is passed over for a while, for what became of calls of it.',
    },
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
