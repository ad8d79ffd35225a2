import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Somebody who signs certificates. */
export interface Authority {
  /** Its own certificate, as PEM. */
  readonly certificate: string;
  /** `ip`: the addresses that it is for, none by default. `days`: from now to its end; negative: it has ended. */
  issue(name: string, options?: { readonly ip?: readonly string[]; readonly days?: number }): Certificate;
}

const DAY = 86_400_000;

// ASN.1, as far as a certificate needs it (X.690, RFC 5280).

function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...items: readonly Buffer[]): Buffer => tlv(0x30, ...items);
const octets = (content: Buffer): Buffer => tlv(0x04, content);
const bits = (content: Buffer): Buffer => tlv(0x03, Buffer.from([0]), content);
const integer = (bytes: readonly number[] | Buffer): Buffer => tlv(0x02, Buffer.from(bytes));
const yes = tlv(0x01, Buffer.from([0xff]));

/** Of arcs below 128. */
function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest]));
}

/** `YYMMDDhhmmssZ` */
function utcTime(at: number): Buffer {
  return tlv(0x17, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
}

const ecdsaWithSha256 = sequence(tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
const commonName = oid(2, 5, 4, 3);
const basicConstraints = oid(2, 5, 29, 19);
const subjectAltName = oid(2, 5, 29, 17);

function nameOf(name: string): Buffer {
  return sequence(tlv(0x31, sequence(commonName, tlv(0x0c, Buffer.from(name)))));
}

interface Draft {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly from: number;
  readonly to: number;
  readonly extensions: readonly Buffer[];
}

function signed({ issuer, subject, publicKey, from, to, extensions }: Draft, signer: KeyObject): string {
  const serial = randomBytes(8);
  serial[0] = 0x01;
  const body = sequence(
    tlv(0xa0, integer([2])),
    integer(serial),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(utcTime(from), utcTime(to)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [tlv(0xa3, sequence(...extensions))]),
  );
  const der = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer)));
  return `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** An authority that nobody knows, with certificates of its own making: no tool is needed. */
export function createAuthority(name: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const now = Date.now();
  const mayIssue = sequence(basicConstraints, yes, octets(sequence(yes)));
  const whole: Draft = {
    issuer: name,
    subject: name,
    publicKey: own.publicKey,
    from: now - DAY,
    to: now + 2 * DAY,
    extensions: [mayIssue],
  };
  return {
    certificate: signed(whole, own.privateKey),
    issue: (subject, { ip = [], days = 2 } = {}) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const addresses = ip.map((address) => tlv(0x87, Buffer.from(address.split('.').map(Number))));
      const extensions = ip.length === 0 ? [] : [sequence(subjectAltName, octets(sequence(...addresses)))];
      const to = now + days * DAY;
      const draft: Draft = { issuer: name, subject, publicKey, from: Math.min(now, to) - DAY, to, extensions };
      return { certificate: signed(draft, own.privateKey), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}
