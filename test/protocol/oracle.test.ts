import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { kafkaErrors } from '../../src/errors/table.ts';
import type { Api, Schema } from '../../src/protocol/api.ts';
import * as forTesting from '../../src/protocol/apis/forTesting.ts';
import * as apis from '../../src/protocol/apis/index.ts';
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from '../../src/protocol/consumerProtocol.ts';
import { writeRequestHeader, writeResponseHeader } from '../../src/protocol/header.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { describeJava } from '../support/kafka.ts';
import {
  asJson,
  fieldsUpTo,
  rangeOf,
  through,
  valuesOf,
  withCommon,
  withTopicId,
  wrongNulls,
  type Definition,
  type FieldDefinition,
  type Value,
} from './definitions.ts';
import { askOracle, FIRST_QUESTION } from './oracle.ts';

const SEED = Date.now();
const SAMPLES = 20;

/** One of our messages: Kafka's name of it, our versions, and the way to bytes and back. */
interface Subject {
  readonly name: string;
  /** Kafka's tagged fields that this message has not: it never says anything of them. */
  readonly without?: readonly string[];
  readonly versions: readonly [number, number];
  encode(value: Value, version: number): Buffer;
  decode(bytes: Buffer, version: number): unknown;
}

/** A value of one version of a message. */
interface Case {
  readonly subject: Subject;
  readonly fields: readonly FieldDefinition[];
  readonly version: number;
  readonly value: Value;
}

function ofSchema(name: string, versions: readonly [number, number], schema: Schema<unknown>, without: readonly string[] = []): Subject {
  return {
    name,
    without,
    versions,
    encode: (value, version) => {
      const writer = new Writer();
      schema.write(writer, value, version);
      return writer.finish();
    },
    decode: (bytes, version) => {
      const reader = new Reader(bytes);
      const value = schema.read(reader, version);
      expect(reader.remaining).toBe(0);
      return value;
    },
  };
}

const all: readonly Api<unknown, unknown>[] = [...Object.values(apis), ...Object.values(forTesting)];
/** What only a replica says in a fetch. */
const ofReplicas = ['ReplicaState', 'ReplicaDirectoryId'];
const withVersion = (version: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, version]), bytes]);
const subjects: readonly Subject[] = [
  ...all.flatMap((api) => [
    ofSchema(`${api.name}Request`, api.versions, api.request, api === apis.fetchApi ? ofReplicas : []),
    ofSchema(`${api.name}Response`, api.versions, api.response),
  ]),
  {
    name: 'ConsumerProtocolSubscription',
    versions: [0, 3],
    encode: (value, version) => encodeSubscription(value as never, version).subarray(2),
    decode: (bytes, version) => decodeSubscription(withVersion(version, bytes)),
  },
  {
    name: 'ConsumerProtocolAssignment',
    versions: [0, 3],
    encode: (value, version) => encodeAssignment(value as never, version).subarray(2),
    decode: (bytes, version) => decodeAssignment(withVersion(version, bytes)),
  },
  {
    name: 'RequestHeader',
    versions: [1, 2],
    encode: (value, version) => {
      const writer = new Writer();
      writeRequestHeader(writer, value as never, version === 2);
      return writer.finish();
    },
    decode: () => undefined,
  },
  {
    name: 'ResponseHeader',
    versions: [0, 1],
    encode: (value, version) => {
      const writer = new Writer();
      writeResponseHeader(writer, { key: 0, flexible: 1 }, version, Number(value['correlationId']));
      return writer.finish();
    },
    decode: () => undefined,
  },
];

const className = (name: string): string => `${name}${name.startsWith('ConsumerProtocol') ? '' : 'Data'}`;

await describeJava("Kafka's own codec", () => {
  let definitions: ReadonlyMap<string, Definition>;
  let errors: unknown;
  beforeAll(async () => {
    const [codes, ...found] = await askOracle(['errors', ...subjects.map(({ name }) => `definition ${name}`)]);
    errors = codes;
    definitions = new Map((found as readonly Definition[]).map((definition) => [definition.name, withTopicId(withCommon(definition))]));
  }, FIRST_QUESTION);

  const definitionOf = (name: string): Definition => {
    const definition = definitions.get(name);
    if (definition === undefined) throw new Error(`no definition of ${name}`);
    return definition;
  };

  const casesOf = (numRuns: number): readonly Case[] =>
    subjects.flatMap((subject) => {
      const { name, versions, without = [] } = subject;
      const fields = fieldsUpTo(definitionOf(name).fields, versions[1], without);
      const numbers = Array.from({ length: versions[1] - versions[0] + 1 }, (_, i) => versions[0] + i);
      return numbers.flatMap((version) =>
        fc.sample(valuesOf(fields, version), { numRuns, seed: SEED + version }).map((value) => ({ subject, fields, version, value })),
      );
    });

  test('has our keys, versions and flexible versions', () => {
    for (const api of all) {
      for (const name of [`${api.name}Request`, `${api.name}Response`]) {
        const { apiKey, validVersions, flexibleVersions } = definitionOf(name);
        const [min, max] = rangeOf(validVersions);
        expect({ name, key: apiKey, flexible: rangeOf(flexibleVersions)[0] }).toEqual({ name, key: api.key, flexible: api.flexible });
        expect([min <= api.versions[0], api.versions[1] <= max], name).toEqual([true, true]);
      }
    }
    expect(all).toHaveLength(12 + 15);
  });

  test('reads what we write, and writes what we read, in every version', { timeout: 60_000 }, async () => {
    const cases = casesOf(SAMPLES).map((one) => ({ ...one, bytes: one.subject.encode(one.value, one.version) }));
    const answers = await askOracle(
      cases.map(({ subject, version, bytes }) => `message ${className(subject.name)} ${String(version)} ${bytes.toString('hex')}`),
    );
    for (const [i, { subject, fields, version, value, bytes }] of cases.entries()) {
      const where = `${subject.name} version ${String(version)}, seed ${String(SEED)}`;
      expect(withoutRecords(answers[i]), where).toEqual({ value: asJson(fields, value, version), bytes: bytes.toString('hex'), left: 0 });
      const ours = subject.decode(bytes, version);
      if (ours !== undefined) expect(ours, where).toEqual(through(fields, value, version));
    }
    expect(cases.length).toBeGreaterThan(7_500);
  });

  test('has null where we have it: in no other version is it written', () => {
    let tried = 0;
    for (const { subject, fields, version, value } of casesOf(10)) {
      for (const wrong of wrongNulls(fields, value, version)) {
        expect(() => subject.encode(wrong, version), `${subject.name} version ${String(version)}, seed ${String(SEED)}`).toThrow(
          RangeError,
        );
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(100);
  });

  test('has our error codes', () => {
    const ours = [...kafkaErrors.values()].map(({ code, name, retriable, invalidates }) => ({
      code,
      name,
      retriable,
      // Ours alone: Kafka's client only tries again, without asking who leads.
      metadata: invalidates === 'metadata' && name !== 'UNKNOWN_LEADER_EPOCH',
    }));
    expect(ours).toEqual(errors);
  });
});

/** Kafka's JSON has an empty array for the records of a fetch, whatever they are. */
function withoutRecords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRecords);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'records')
      .map(([name, inner]) => [name, withoutRecords(inner)]),
  );
}
