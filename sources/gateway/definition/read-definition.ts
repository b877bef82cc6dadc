/** A file of Tyk's classic kind → an API, or every reason why it is none. */
import { BlockList, isIP } from 'node:net';
import type { OptionsOf } from '#source';
import { readUptimeTests } from '../health/read-uptime-tests.ts';
import { readJwtKey } from '../jwt/jwt-key.ts';
import type { AddressRules, Api, Auth, Places } from './api.ts';
import { apiSection } from './api-section.ts';
import { type Members, membersOf, type Reading, readSection, report } from './read-section.ts';
import { readVersioning } from './read-versioning.ts';
import { authSection, proxySection } from './sections.ts';
import type { DefinitionDefaults } from './target.ts';

type ApiFields = OptionsOf<typeof apiSection.obeyed>;
type AuthFields = OptionsOf<typeof authSection.obeyed>;

/**
 * `inactive`: the definition is right, and says that it is not served. Undefined: `reading.problems` says why; with warnings
 * there the API is served.
 */
export function readDefinition(
  reading: Reading,
  defaults: DefinitionDefaults,
): Api | 'inactive' | undefined {
  const members = membersOf(reading.document.value, '', reading);
  const fields = readSection(apiSection, members, '', reading);
  const authFields = readSection(authSection, inner(members, 'auth', reading), 'auth', reading);
  const proxyMembers = inner(members, 'proxy', reading);
  const proxy = readSection(proxySection, proxyMembers, 'proxy', reading);
  const versions =
    fields === undefined || proxy === undefined
      ? undefined
      : readVersioning(
          { members, proxy, proxyMembers, protocol: fields.protocol, api: fields.api_id },
          reading,
          defaults,
        );
  if (proxy !== undefined && !proxy.listen_path.startsWith('/'))
    report(reading, 'proxy.listen_path', {
      ...{ found: 'text that begins otherwise', expected: 'a path that begins with "/"' },
    });
  if (fields !== undefined && !/^(?:(?:\*\.)?[\w.-]+(?::\d+)?)?$/.test(fields.domain))
    report(reading, 'domain', {
      ...{ found: 'text', expected: 'a host, such as "api.example.com" or "*.example.com"' },
    });
  const auth =
    fields === undefined || authFields === undefined
      ? undefined
      : readAuth(fields, authFields, reading);
  const addresses = fields === undefined ? undefined : readAddresses(fields, reading);
  const checks =
    fields === undefined || versions === undefined
      ? []
      : readUptimeTests(
          members,
          { api: fields.api_id, organisation: fields.org_id, rhythm: defaults.rhythm },
          versions.manner,
          reading,
        );
  const isBroken = reading.problems.some(({ severity }) => severity === 'error');
  if (isBroken || fields === undefined || proxy === undefined) return undefined;
  if (auth === undefined || versions === undefined) return undefined;
  if (!fields.active) return 'inactive';
  return {
    id: fields.api_id,
    name: fields.name,
    organisation: fields.org_id,
    from: reading.path,
    domain: fields.domain_disabled ? '' : fields.domain.toLowerCase().replace(/:\d+$/, ''),
    listenPath: proxy.listen_path,
    isStripped: proxy.strip_listen_path,
    endsAtSegment: false,
    auth,
    isAuthStripped: fields.strip_auth_data,
    hasContextVariables: fields.enable_context_vars,
    addresses,
    limits: { rate: !fields.disable_rate_limit, quota: !fields.disable_quota },
    versioning: versions.versioning,
    host: versions.host,
    keepsHost: proxy.preserve_host_header,
    taggedHeaders: fields.tag_headers.map((name) => name.toLowerCase()),
    tags: fields.tags_disabled ? [] : fields.tags,
    isRecorded: !fields.do_not_track,
    isDetailed: fields.enable_detailed_recording ? true : undefined,
    expiresAfter: fields.expire_analytics_after || undefined,
    checks: () => checks,
    speaksAsTyk: true,
  };
}

const inner = (members: Members, name: string, reading: Reading): Members =>
  membersOf(members[name], name, reading);

function readAuth(fields: ApiFields, auth: AuthFields, reading: Reading): Auth | undefined {
  if (fields.use_keyless) return { kind: 'keyless' };
  if (fields.enable_jwt && fields.use_standard_auth)
    report(reading, 'use_standard_auth', {
      ...{ found: 'a second way to authenticate', expected: 'it without "enable_jwt"' },
    });
  const given = fields.enable_jwt ? 'jwt_claim' : 'auth_token';
  if (fields.base_identity_provided_by !== '' && fields.base_identity_provided_by !== given)
    report(reading, 'base_identity_provided_by', {
      ...{ found: 'a way to authenticate that the API has not', expected: `"${given}"` },
    });
  const places = placesOf(auth);
  if (!fields.enable_jwt) return { kind: 'key', places };
  const read = readJwtKey(fields.jwt_source.reveal(), fields.jwt_signing_method || 'hmac');
  if (!read.ok) {
    report(reading, 'jwt_source', { found: read.found, expected: read.expected });
    return undefined;
  }
  return {
    kind: 'jwt',
    places,
    key: read.key,
    skew: {
      expiresAt: fields.jwt_expires_at_validation_skew,
      issuedAt: fields.jwt_issued_at_validation_skew,
      notBefore: fields.jwt_not_before_validation_skew,
    },
    identityClaim: fields.jwt_identity_base_field,
    policyClaim: fields.jwt_policy_field_name,
    defaultPolicies: fields.jwt_default_policies,
  };
}

/** A place without a name has that of the one before it. */
function placesOf(auth: AuthFields): Places {
  const header = auth.auth_header_name || 'Authorization';
  // Where no header counts, the gateway's default takes the place of its name.
  const ordinary = auth.disable_header ? 'Authorization' : header;
  return {
    header: auth.disable_header ? undefined : header.toLowerCase(),
    parameter: auth.use_param ? auth.param_name || ordinary : undefined,
    cookie: auth.use_cookie ? auth.cookie_name || ordinary : undefined,
  };
}

function readAddresses(fields: ApiFields, reading: Reading): AddressRules | undefined {
  if (fields.ip_access_control_disabled) return undefined;
  const allowed = fields.enable_ip_whitelisting
    ? blockList(fields.allowed_ips, 'allowed_ips', reading)
    : undefined;
  const denied = fields.enable_ip_blacklisting
    ? blockList(fields.blacklisted_ips, 'blacklisted_ips', reading)
    : undefined;
  return allowed === undefined && denied === undefined ? undefined : { allowed, denied };
}

function blockList(entries: readonly string[], key: string, reading: Reading): BlockList {
  const all = new BlockList();
  entries.forEach((entry, at) => {
    const [address = '', length, ...more] = entry.split('/');
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    const bits = length === undefined ? most : Number(length === '' ? Number.NaN : length);
    if (family === 0 || more.length > 0 || !Number.isInteger(bits) || bits < 0 || bits > most)
      report(reading, `${key}[${at}]`, {
        ...{ found: 'text', expected: 'an address, or a range such as "10.0.0.0/8"' },
      });
    else all.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
  });
  return all;
}
