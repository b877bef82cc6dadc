/** The uptime tests within a definition, field by field, as of the gateway's `apidef.UptimeTests` (version 5). */
import { choice, flag, integer, rows, secretMap, text } from '#source';
import { quiet, refused, type Section } from './treatment.ts';

const section = <const S extends Section>(of: S): S => of;

export const uptimeTestsSection = section({
  obeyed: {
    disabled: flag({ doc: 'As if there were none.', default: false }),
    check_list: rows(
      {
        url: text({
          doc: 'What is asked; the records have it as it is. With `tcp` and `tls` a host and a port.',
        }),
        protocol: choice(['', 'http', 'https', 'tcp', 'tls'], {
          doc: '`tcp`, `tls`: it is connected to, and no more; all else: a request of HTTP/1.1.',
          default: '',
        }),
        timeout: integer({
          doc: 'How long it may take, in nanoseconds; 0: `health.timeout` of the source.',
          default: 0,
          min: 0,
        }),
        enable_proxy_protocol: flag({ doc: 'Refused.', default: false }),
        commands: rows(
          {
            name: choice(['send', 'expect'], { doc: 'What is done.' }),
            message: text({ doc: 'The bytes.' }),
          },
          {
            doc: 'For `tcp` and `tls`: `send` and `expect`, each with its `message`, in this order.',
          },
        ),
        method: text({ doc: 'Empty: `GET`.', default: '' }),
        headers: secretMap({ doc: 'Of the request.', default: {} }),
        body: text({ doc: 'Of the request, in base64.', default: '' }),
      },
      {
        doc: 'Checks of upstreams, each with an uptime record. Any answer but 200 is a failure; redirects are not followed.',
      },
    ),
  },
  sections: ['config'],
  others: {
    poller_group: quiet(
      'a setting of the gateway; of several processes with the same check one writes',
    ),
  },
});

export const uptimeConfigSection = section({
  obeyed: {
    expire_utime_after: integer({
      doc: 'Seconds until uptime records expire, for sinks that do so; 0: a hundred years.',
      default: 0,
      min: 0,
    }),
  },
  sections: [],
  others: {
    service_discovery: refused('checks from a registry', 'use_discovery_service'),
    recheck_wait: quiet('counts with `service_discovery`, which is refused'),
  },
});
