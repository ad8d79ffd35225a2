import type { Api } from './api.ts';
import { MalformedError } from './MalformedError.ts';
import { Reader } from './reader.ts';
import { nullable, string } from './types.ts';
import { Writer } from './writer.ts';

const API_VERSIONS = 18;
const UNSUPPORTED_VERSION = 35;

export interface RequestHeader {
  readonly requestApiKey: number;
  readonly requestApiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** What the headers need to know of an API. */
type Versioned = Pick<Api<unknown, unknown>, 'key' | 'flexible'>;

const clientIdType = nullable(string);
// Also in header v2 the client id is an old-style string: a broker must be able to read it before it knows the version.
const oldStyle = { version: 1, flexible: false };

export function writeRequestHeader(writer: Writer, header: RequestHeader, flexible: boolean): void {
  writer.int16(header.requestApiKey);
  writer.int16(header.requestApiVersion);
  writer.int32(header.correlationId);
  clientIdType.write(writer, header.clientId, oldStyle);
  if (flexible) writer.uvarint(0);
}

/** Reads a request header, v2 where `isFlexible` says that the API's version is a flexible one. */
export function readRequestHeader(reader: Reader, isFlexible: (key: number, version: number) => boolean): RequestHeader {
  const requestApiKey = reader.int16();
  const requestApiVersion = reader.int16();
  const correlationId = reader.int32();
  const clientId = clientIdType.read(reader, oldStyle);
  if (isFlexible(requestApiKey, requestApiVersion)) reader.skipTags();
  return { requestApiKey, requestApiVersion, correlationId, clientId };
}

/** Response header v1 has tagged fields. ApiVersions never has: it is read before the version is known. */
function hasTags(api: Versioned, version: number): boolean {
  return version >= api.flexible && api.key !== API_VERSIONS;
}

export function writeResponseHeader(writer: Writer, api: Versioned, version: number, correlationId: number): void {
  writer.int32(correlationId);
  if (hasTags(api, version)) writer.uvarint(0);
}

/** Reads the response header and returns the correlation id. */
export function readResponseHeader(reader: Reader, api: Versioned, version: number): number {
  const correlationId = reader.int32();
  if (hasTags(api, version)) reader.skipTags();
  return correlationId;
}

/** A whole request as it is written to the socket: length, header, message. */
export function encodeRequest<Q>(
  api: Omit<Api<Q, unknown>, 'response'>,
  version: number,
  correlationId: number,
  clientId: string | null,
  request: Q,
): Buffer {
  const writer = new Writer();
  writer.int32(0);
  writeRequestHeader(writer, { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId }, version >= api.flexible);
  api.request.write(writer, request, version);
  return withLength(writer);
}

/** A whole response as it is written to the socket: length, header, message. */
export function encodeResponse<R>(api: Omit<Api<unknown, R>, 'request'>, version: number, correlationId: number, response: R): Buffer {
  const writer = new Writer();
  writer.int32(0);
  writeResponseHeader(writer, api, version, correlationId);
  api.response.write(writer, response, version);
  return withLength(writer);
}

function withLength(writer: Writer): Buffer {
  const frame = writer.finish();
  frame.writeInt32BE(frame.length - 4, 0);
  return frame;
}

/**
 * The message of a response. `payload` is the frame without its length: it begins with the correlation id.
 *
 * Throws MalformedError if the bytes are no such message, or if some are left over. Buffers in it are views of the payload.
 * An ApiVersions answer in version 0, which is how brokers refuse a version that they do not know, is understood as such.
 */
export function decodeResponse<R>(api: Omit<Api<unknown, R>, 'request'>, version: number, payload: Buffer): R {
  const reader = new Reader(payload);
  readResponseHeader(reader, api, version);
  const refused = api.key === API_VERSIONS && reader.remaining >= 2 && payload.readInt16BE(reader.position) === UNSUPPORTED_VERSION;
  const response = api.response.read(reader, refused ? 0 : version);
  if (reader.remaining > 0)
    throw new MalformedError(`${String(reader.remaining)} bytes are left after ${api.name} version ${String(version)}`);
  return response;
}
