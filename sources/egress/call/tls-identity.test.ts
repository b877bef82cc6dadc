import type { PeerCertificate } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { identityError, tlsOptions } from './tls-identity.ts';

const certificate = (subjectaltname: string | undefined): PeerCertificate =>
  ({ subject: { CN: 'cn.example' }, ...(subjectaltname && { subjectaltname }) }) as PeerCertificate;

describe('identityError', () => {
  it.each([
    [['api.example.com'], 'DNS:api.example.com', true],
    [['api.example.com'], 'DNS:*.example.com', true],
    [['API.example.com'], 'DNS:api.example.com', true],
    [['a.b.example.com'], 'DNS:*.example.com', false],
    [['other.example', 'api.example.com'], 'DNS:api.example.com', true],
    [['192.0.2.7'], 'IP Address:192.0.2.7', true],
    [['192.0.2.7'], 'DNS:192.0.2.7', false],
    [['spiffe://mesh/ns/a'], 'DNS:x, URI:spiffe://mesh/ns/a', true],
    [['spiffe://mesh/ns/a'], 'URI:spiffe://mesh/ns/ab', false],
    [['spiffe://mesh/ns/a'], 'DNS:spiffe', false],
    [['spiffe://a'], 'DNS:"x, URI:spiffe://a"', false],
    [['api.example.com'], 'DNS:api.example.com.evil.example', false],
    [['cn.example'], undefined, false],
    [['cn.example'], 'URI:spiffe://a', false],
  ] as const)('%j of a certificate for %s: %s', (names, alternatives, expected) =>
    expect(identityError(names, certificate(alternatives)) === undefined).toBe(expected),
  );
});

describe('tlsOptions', () => {
  const plain = { sni: undefined, ca: undefined, client: undefined, subjectAltNames: [] };

  it('asks for the host, or for the SNI of the rules, and never for an address', () => {
    expect(tlsOptions(plain, 'api.example.com').servername).toBe('api.example.com');
    expect(tlsOptions({ ...plain, sni: 'sni.example' }, 'api.example.com').servername).toBe(
      'sni.example',
    );
    expect(tlsOptions(plain, '192.0.2.7').servername).toBe('');
  });

  it('always verifies', () => {
    const client = { certificate: 'C', key: 'K' };
    const options = tlsOptions({ ...plain, ca: 'CA', client }, 'api.example.com');
    expect(options).toMatchObject({ rejectUnauthorized: true, ca: 'CA', cert: 'C', key: 'K' });
  });
});
