import { apiVersionsApi } from '../../../src/protocol/apis/index.ts';
import { encodeResponse } from '../../../src/protocol/header.ts';
import type { Answering, Asked } from './fakeBroker.ts';

const API_VERSIONS = 18;
const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;

/** What a scripted broker speaks: what a handshake takes, Metadata and Echo. */
const apiKeys = [
  { apiKey: 3, minVersion: 0, maxVersion: 12 },
  { apiKey: SASL_HANDSHAKE, minVersion: 0, maxVersion: 1 },
  { apiKey: API_VERSIONS, minVersion: 0, maxVersion: 2 },
  { apiKey: SASL_AUTHENTICATE, minVersion: 0, maxVersion: 1 },
  { apiKey: 900, minVersion: 0, maxVersion: 1 },
];

function frame(id: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 4, 0);
  head.writeInt32BE(id, 4);
  return Buffer.concat([head, body]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}

export interface Handshaking {
  /** Answers ApiVersions; undefined: with what is above. */
  readonly apiVersions?: Answering;
  /** Error code of SaslHandshake. */
  readonly handshake?: number;
  /** Answers SaslAuthenticate; undefined: lets everybody in. */
  readonly authenticate?: Answering;
  /** Answers everything else. */
  readonly rest?: Answering;
}

/** A broker as kafkajs meets it while connecting. */
export function handshaking({
  apiVersions = spoken,
  handshake = 0,
  authenticate = accepted,
  rest = () => undefined,
}: Handshaking = {}): Answering {
  return (asked) => {
    switch (asked.key) {
      case API_VERSIONS:
        return apiVersions(asked);
      case SASL_HANDSHAKE:
        return frame(asked.id, int16(handshake), int32(2), string('PLAIN'), string('OAUTHBEARER'));
      case SASL_AUTHENTICATE:
        return authenticate(asked);
      default:
        return rest(asked);
    }
  };
}

function spoken({ id, version }: Asked): Buffer {
  return encodeResponse(apiVersionsApi, version, id, {
    errorCode: 0,
    apiKeys,
    throttleTimeMs: 0,
    supportedFeatures: [],
    finalizedFeaturesEpoch: -1,
    finalizedFeatures: [],
    zkMigrationReady: false,
  });
}

function accepted({ id, version }: Asked): Buffer {
  const lifetime = version > 0 ? Buffer.alloc(8) : Buffer.alloc(0);
  return frame(id, int16(0), int16(-1), int32(0), lifetime);
}

/** The broker's refusal of credentials, in its words. */
export function refusing(words: string): Answering {
  return ({ id, version }) => frame(id, int16(58), string(words), int32(0), version > 0 ? Buffer.alloc(8) : Buffer.alloc(0));
}
