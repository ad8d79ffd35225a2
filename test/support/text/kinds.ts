import { bytesOf, countOf, millisecondsOf } from './values.ts';

export type Value = number | string | false | readonly string[];

/** What a value may be. */
export interface Kind {
  readonly allowed: string;
  readonly read: (text: string) => Value | undefined;
}

const time: Kind = { allowed: 'a time such as 20ms, 1s, 5m', read: millisecondsOf };
const count: Kind = { allowed: 'a number', read: countOf };
const bytes: Kind = { allowed: 'bytes such as 100, 64KiB, 1MiB', read: bytesOf };
const text: Kind = { allowed: 'a name', read: (value) => (/^[\w.-]+$/.test(value) ? value : undefined) };
const oneOf = (...words: readonly string[]): Kind => ({
  allowed: words.join(' or '),
  read: (value) => (words.includes(value) ? value : undefined),
});

/** The options of a consumer that a picture may give, by their paths. */
export const options: Readonly<Record<string, Kind>> = {
  groupId: text,
  topics: { allowed: 'names with spaces between', read: (value) => value.split(/\s+/) },
  assignors: oneOf('range', 'cooperativeSticky'),
  delivery: oneOf('at-least-once', 'at-most-once'),
  commit: { allowed: 'off', read: (value) => (value === 'off' ? false : undefined) },
  'commit.interval': time,
  'commit.records': count,
  startFrom: oneOf('earliest', 'latest'),
  autoOffsetReset: oneOf('earliest', 'latest', 'none'),
  stopAt: oneOf('end'),
  isolationLevel: oneOf('read_committed', 'read_uncommitted'),
  'window.records': count,
  'window.bytes': bytes,
  maxBuffered: bytes,
  'fetch.minBytes': bytes,
  'fetch.maxWait': time,
  'fetch.maxBytes': bytes,
  'fetch.maxPartitionBytes': bytes,
  'backoff.initial': time,
  'backoff.max': time,
  ...Object.fromEntries(
    ['drainTimeout', 'closeTimeout', 'startTimeout', 'requestTimeout', 'metadataMaxAge', 'unattendedTimeout'].map((name) => [name, time]),
  ),
  ...Object.fromEntries(['sessionTimeout', 'heartbeatInterval', 'rebalanceTimeout'].map((name) => [name, time])),
};

/** What is said of the cluster and of the picture. */
export const aboutPicture: Readonly<Record<string, Kind>> = {
  tick: time,
  from: oneOf('first fetch', 'subscription'),
  work: oneOf('none', 'ack'),
  brokers: count,
  latency: time,
};

/** What is said of one partition: `log orders/0`. */
export const aboutPartition: Readonly<Record<string, string>> = {
  log: 'offsets from 0 on, such as 0..3, or [0..1] [2..3] for batches of two, or empty',
  committed: 'an offset',
  leader: 'a broker such as b2',
};

/** Everything that can be given. */
export const known: readonly string[] = [
  ...Object.keys(aboutPicture),
  ...['log orders/0', 'committed orders/0', 'leader orders/0', 'fault'],
  ...Object.keys(options),
];
