import { kafkaErrorOf } from '../../../../src/errors/table.ts';
import { decodeSubscription } from '../../../../src/protocol/consumerProtocol.ts';
import { batchesInWords } from './batches.ts';
import { inWords, Word } from './words.ts';

/** What a run gives names to: all that brokers make up, or that is unique to the run. */
export interface Run {
  /** What is unique in the names of this run's topics and groups. */
  readonly tag: string;
  /** The time from which the run's own timestamps count: ms. */
  readonly began: number;
}

/** What says nothing of how a broker behaves: how it words its errors, how long it throttles, where it listens, who is controller. */
const unsaid = new Set([
  'throttleTimeMs',
  'errorMessage',
  'host',
  'port',
  'controllerId',
  'clusterId',
  'topicAuthorizedOperations',
  'clusterAuthorizedOperations',
  'rack',
  'clientId',
  'clientHost',
  'authorizedOperations',
]);

/** What a broker says only now and then. */
const optional = new Set(['divergingEpoch', 'currentLeader', 'snapshotId', 'preferredReadReplica', 'nodeEndpoints', 'recordErrors']);

function isNothing(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === -1;
  return Object.values(value).every(isNothing);
}

const kinds: { readonly [field: string]: string } = {
  memberId: 'member',
  leader: 'member',
  topicId: 'topic id',
  sessionId: 'session',
  nodeId: 'broker',
  leaderId: 'broker',
  preferredReadReplica: 'broker',
  replicaNodes: 'broker',
  isrNodes: 'broker',
  offlineReplicas: 'broker',
  producerId: 'producer',
};

/** The same value in which what brokers make up is named in the order in which it first appears. */
export class Names {
  readonly #run: Run;
  readonly #seen = new Map<string, string[]>();

  constructor(run: Run) {
    this.#run = run;
  }

  of(value: unknown, field = ''): unknown {
    if (value instanceof Word) return value;
    if (Buffer.isBuffer(value)) return this.#bytes(value, field);
    if (Array.isArray(value))
      return inOrder(
        value.map((item: unknown) => this.of(item, field)),
        field,
      );
    if (typeof value === 'object' && value !== null) return this.#fields(value);
    if (/[eE]rrorCode$/.test(field) && typeof value === 'number') return new Word(value === 0 ? 'NONE' : kafkaErrorOf(value).name);
    const kind = kinds[field];
    if (value === NO_ID) return new Word('no id');
    if (kind !== undefined && isMadeUp(kind, value)) return this.#name(kind, String(value));
    if (typeof value === 'number') return this.#time(value);
    return typeof value === 'string' ? this.#text(value) : value;
  }

  #bytes(value: Buffer, field: string): unknown {
    if (field === 'records') return batchesInWords(value).map((line) => new Word(this.#text(line)));
    const text = (field.endsWith('etadata') && value.length > 0 ? decodeSubscription(value).userData : value)?.toString('utf8') ?? '';
    return /^[\x20-\x7e]*$/.test(text) ? this.#text(text) : `0x${value.toString('hex')}`;
  }

  #fields(value: object): object {
    const fields = Object.entries(value).filter(([name, item]) => !unsaid.has(name) && !(optional.has(name) && isNothing(item)));
    return Object.fromEntries(fields.map(([name, item]) => [name, this.of(item, name)]));
  }

  #name(kind: string, value: string): Word {
    const seen = this.#seen.get(kind) ?? [];
    this.#seen.set(kind, seen);
    if (!seen.includes(value)) seen.push(value);
    return new Word(`${kind} ${seen.indexOf(value) + 1}`);
  }

  #time(value: number): unknown {
    return value < this.#run.began ? value : new Word(`began+${value - this.#run.began}`);
  }

  /** A member id in words that are not its own, `producer 4000` in a batch: the same names. */
  #text(text: string): string {
    if (text.length > 200) return `${text.slice(0, 10)}… (${text.length} characters)`;
    return text.replaceAll(this.#run.tag, '').replace(/producer (\d+)/, (_, id: string) => this.#name('producer', id).text);
  }
}

const NO_ID = '0'.repeat(32);

function isMadeUp(kind: string, value: unknown): boolean {
  if (typeof value === 'number') return kind === 'session' ? value > 0 : value >= 0;
  return typeof value === 'string' && value !== '';
}

/** What stands in no order, since brokers keep it in hash tables or change it as they like. What was fetched is not among it. */
const unordered = new Set(['members', 'topics', 'groups', 'results', 'partitionResponses', 'replicaNodes', 'isrNodes', 'offlineReplicas']);

function isUnordered(items: readonly unknown[], field: string): boolean {
  const [first] = items;
  return unordered.has(field) || (typeof first === 'object' && first !== null && 'partitionResponses' in first);
}

function inOrder(items: readonly unknown[], field: string): readonly unknown[] {
  return isUnordered(items, field) ? [...items].sort((a, b) => (inWords(a) < inWords(b) ? -1 : 1)) : items;
}
