import { encodeResponse } from '../../../src/protocol/header.ts';
import { api, since, struct } from '../../../src/protocol/schema.ts';
import { string } from '../../../src/protocol/types.ts';
import type { Api } from '../../../src/protocol/api.ts';

export interface Text {
  readonly text: string;
}

const text = struct<Text>({ text: since(0, string) });

/** An API as small as can be. */
export const echoApi: Api<Text, Text> = api({ name: 'Echo', key: 900, versions: [0, 2], flexible: 9, request: text, response: text });

export const echoVersions: ReadonlyMap<number, readonly [number, number]> = new Map([
  [900, [1, 1]],
  [1, [4, 12]],
]);

/** The frame in which a broker answers an Echo. */
export function echoed(correlationId: number, said: string): Buffer {
  return encodeResponse(echoApi, 1, correlationId, { text: said });
}

/** What a request asks: correlation id and text. */
export function asked(request: Buffer): {
  readonly id: number;
  readonly text: string;
  readonly clientId: string;
  readonly version: number;
} {
  const clientIdLength = request.readInt16BE(12);
  const at = 14 + clientIdLength;
  return {
    id: request.readInt32BE(8),
    version: request.readInt16BE(6),
    clientId: request.toString('utf8', 14, at),
    text: request.toString('utf8', at + 2, at + 2 + request.readInt16BE(at)),
  };
}
