import type { ConsumerEvent } from '../model/events.ts';
import { partitionKey, type TopicPartition } from '../model/topicPartition.ts';

/** A broker may be away that long: ms. */
const AWAY = 30_000;
/** A stream may be without a subscriber that long: ms. */
const UNATTENDED = 10_000;
/** Commits may fail that long: ms. */
const UNCOMMITTED = 60_000;
/** Offsets and partitions that are named; the others are counted. */
const NAMED = 5;

/** What is said to a process that listens to no events. */
export interface Warning {
  /** Of one cause one warning is given per minute. */
  readonly cause: string;
  readonly code: string;
  readonly message: string;
}

/** Since when something fails without a success between, by what it is: ms on the scheduler's clock. */
export type Failing = ReadonlyMap<string, number>;

/** What is known to fail after that event. Pure. */
export function failingAfter(failing: Failing, event: ConsumerEvent): Failing {
  switch (event.kind) {
    case 'commitFailed':
      return failing.has('commit') ? failing : new Map(failing).set('commit', event.at);
    case 'committed':
      return failing.has('commit') ? new Map([...failing].filter(([what]) => what !== 'commit')) : failing;
    case 'retryScheduled': {
      // The first failure after a success.
      const what = retried(event);
      return event.attempt <= 1 || !failing.has(what) ? new Map(failing).set(what, event.at) : failing;
    }
    default:
      return failing;
  }
}

/** Whether an event is a reason to warn, given what fails already. Pure. */
export function warningOf(event: ConsumerEvent, failing: Failing): Warning | undefined {
  switch (event.kind) {
    case 'stalled':
      return stalled(event);
    case 'retryScheduled': {
      const lasted = event.at - (failing.get(retried(event)) ?? event.at);
      return lasted >= AWAY ? away(event, lasted) : undefined;
    }
    case 'lost':
      return {
        cause: 'lost',
        code: 'KAFKA_RX_PARTITION_LOST',
        message: `${list(event.partitions)} lost${event.reason === undefined ? '' : `: ${event.reason}`}; another consumer may process some of their records again`,
      };
    case 'commitFailed': {
      const lasted = event.at - (failing.get('commit') ?? event.at);
      if (event.retrying && lasted < UNCOMMITTED) return undefined;
      const ago = event.retrying ? ` for ${seconds(lasted)}` : '';
      const message = `commits of ${list(event.offsets)} have failed${ago}: ${event.error.message}; after a restart their records are delivered again`;
      return { cause: 'commit', code: 'KAFKA_RX_COMMIT_FAILED', message };
    }
    case 'commitHeldBack':
      return heldBack(event);
    case 'unattended':
      return unattended(event);
    default:
      return undefined;
  }
}

type Of<K extends ConsumerEvent['kind']> = Extract<ConsumerEvent, { kind: K }>;
type Waiting = Of<'unattended' | 'stalled' | 'recovered'>;

/** What is away is said by who asks it, and named there. */
function stalled({ topic, partition, reason, at, since, unacked = 0 }: Waiting): Warning | undefined {
  const key = partitionKey(topic, partition);
  const code = 'KAFKA_RX_STALLED';
  // One mistake stalls all partitions that are worked on alike, and there may be hundreds.
  const cause = `${reason} ${topic}`;
  const long = seconds(at - since);
  switch (reason) {
    case 'window':
    case 'unacked': {
      const message = `${unacked.toLocaleString('en')} records of ${key} delivered, none acked for ${long}: use processRecords, ackEach or record.ack()`;
      return { cause, code, message };
    }
    case 'session-expired':
      return { cause: reason, code, message: `nothing is delivered: the group's coordinator has not answered for a whole sessionTimeout` };
    case 'no-leader':
      return { cause, code, message: `no broker has led ${key} for ${long}: nothing of it can be fetched` };
    case 'start-from':
      return { cause, code, message: `startFrom has not said for ${long} where ${key} begins` };
    default:
      return undefined;
  }
}

function heldBack({ topic, partition, offset, age, behind }: Of<'commitHeldBack'>): Warning {
  const key = partitionKey(topic, partition);
  const message =
    `the commit of ${key} has been held back for ${seconds(age)} by the record at offset ${String(offset)}, which is not acked; ` +
    `${behind.toLocaleString('en')} offsets from there on are delivered again after a restart: ack what is filtered out as well`;
  return { cause: `heldBack ${topic}`, code: 'KAFKA_RX_COMMIT_HELD_BACK', message };
}

/** A subscriber that is between two tries is none to warn of; a stream that has errored by itself may have been forgotten. */
function unattended({ topic, partition, reason, at, since }: Waiting): Warning | undefined {
  if (reason === 'no subscriber' && at - since < UNATTENDED) return undefined;
  const key = partitionKey(topic, partition);
  const message = `nothing of ${key} is delivered: ${reason}; subscribe every stream, at once and for as long as it is assigned`;
  return { cause: `unattended ${topic}`, code: 'KAFKA_RX_UNATTENDED', message };
}

const ofCoordinator: readonly string[] = ['FindCoordinator', 'JoinGroup', 'SyncGroup', 'Heartbeat', 'OffsetFetch'];

/** Where metadata or a partition is asked for in vain, the fault is named by its message. */
function away({ api, broker, error }: Of<'retryScheduled'>, lasted: number): Warning {
  const who = broker !== undefined ? `broker ${broker}` : ofCoordinator.includes(api) ? "the group's coordinator" : 'the cluster';
  return { cause: who, code: 'KAFKA_RX_BROKER_AWAY', message: `${who} has not answered ${api} for ${seconds(lasted)}: ${error.message}` };
}

function retried({ api, broker, topic, partition }: Of<'retryScheduled'>): string {
  return [api, broker, topic, partition].join(' ');
}

function list(places: readonly TopicPartition[]): string {
  const names = places.slice(0, NAMED).map(({ topic, partition }) => partitionKey(topic, partition));
  const more = places.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

function seconds(ms: number): string {
  return `${String(Math.round(ms / 1_000))} s`;
}
