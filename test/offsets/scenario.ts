import { Observable } from 'rxjs';
import type { Cluster, Coordinator, Purpose } from '../../src/cluster/ports.ts';
import { nothingKnown, type ClusterView } from '../../src/cluster/view.ts';
import type { Api } from '../../src/protocol/api.ts';
import type { ListOffsetsRequest, ListOffsetsResponse } from '../../src/protocol/apis/listOffsets.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../src/protocol/apis/offsetCommit.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../src/protocol/apis/offsetFetch.ts';
import { sendMade, type Request } from '../../src/transport/made.ts';
import type { Link } from '../../src/transport/link.ts';

/** A request that waits for the test to answer it. */
export interface Pending {
  /** `coordinator`, or `broker <id>`. */
  readonly to: string;
  readonly purpose: Purpose;
  readonly api: string;
  readonly request: unknown;
  readonly deadline: number;
  /** Nobody waits for it any more. */
  readonly gone: boolean;
  answer(response: unknown): void;
  fail(error: Error): void;
}

/** Keeps every request until the test answers it: the ones that still wait in `open`, all of them in `sent`. */
export class Wire {
  readonly sent: Pending[] = [];
  invalidated = 0;
  /** How often the coordinator was forgotten. */
  forgotten = 0;
  view: ClusterView = nothingKnown;

  get open(): readonly Pending[] {
    return this.sent.filter(({ gone }) => !gone);
  }

  /** The only one that waits. */
  get only(): Pending {
    const [first, ...others] = this.open;
    if (first === undefined || others.length > 0) throw new Error(`${String(this.open.length)} requests wait`);
    return first;
  }

  readonly coordinator: Coordinator = {
    request: (purpose, api, request, deadline) => this.#request('coordinator', purpose, api, request, deadline),
    invalidate: () => {
      this.forgotten++;
    },
  };

  /** Only what the rooms above it use. */
  get cluster(): Cluster {
    const view = (): ClusterView => this.view;
    return {
      get view() {
        return view();
      },
      views: new Observable(),
      refreshing: new Observable(),
      invalidate: () => {
        this.invalidated++;
      },
      learn: () => undefined,
      link: (nodeId, purpose) => this.#link(nodeId, purpose),
      wait: () => 0,
      ask: () => new Observable(),
      close: () => undefined,
    };
  }

  #link(nodeId: number, purpose: Purpose): Link {
    return {
      broker: `b${String(nodeId)}:9092`,
      request: (api, request, deadline) => this.#request(`broker ${String(nodeId)}`, purpose, api, request, deadline),
      fetch: () => new Observable(),
      close: () => undefined,
    };
  }

  #request<Q, R>(to: string, purpose: Purpose, api: Api<Q, R>, asked: Request<Q>, deadline: number): Observable<R> {
    return sendMade(asked, (request) => this.#sent(to, purpose, api, request, deadline));
  }

  #sent<Q, R>(to: string, purpose: Purpose, api: Api<Q, R>, request: Q, deadline: number): Observable<R> {
    return new Observable<R>((out) => {
      let gone = false;
      this.sent.push({
        ...{ to, purpose, api: api.name, request, deadline },
        get gone() {
          return gone;
        },
        answer: (response) => {
          out.next(response as R);
          out.complete();
        },
        fail: (error) => out.error(error),
      });
      return () => {
        gone = true;
      };
    });
  }
}

type Codes = Readonly<Record<string, number>>;

/** The answer to that OffsetCommit. `codes`: by partition, the others are taken; a NaN is left out. */
export function committed({ request }: Pending, codes: Codes = {}): OffsetCommitResponse {
  const { topics } = request as OffsetCommitRequest;
  return {
    throttleTimeMs: 0,
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions
        .map(({ partitionIndex }) => ({ partitionIndex, errorCode: codes[`${name}-${String(partitionIndex)}`] ?? 0 }))
        .filter(({ errorCode }) => !Number.isNaN(errorCode)),
    })),
  };
}

/** `key=offset` of each partition in an OffsetCommit. */
export function offsetsIn({ request }: Pending): readonly string[] {
  return (request as OffsetCommitRequest).topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset }) => `${name}-${String(partitionIndex)}=${String(committedOffset)}`),
  );
}

/** The answer to that OffsetFetch: what is committed, by partition; a negative number is an error code, absent: nothing is committed. */
export function recalled({ request }: Pending, offsets: Codes, errorCode = 0): OffsetFetchResponse {
  const { groupId, topics } = request as OffsetFetchRequest;
  const answered = (topics ?? []).map(({ name, topicId, partitionIndexes }) => ({
    name,
    topicId,
    partitions: partitionIndexes
      .map((partitionIndex) => ({ partitionIndex, found: offsets[`${name}-${String(partitionIndex)}`] ?? -1_000 }))
      .filter(({ found }) => !Number.isNaN(found))
      .map(({ partitionIndex, found }) => ({
        ...{ partitionIndex, committedOffset: Math.max(-1, found), committedLeaderEpoch: -1, metadata: '' },
        errorCode: found < 0 && found > -1_000 ? -found : 0,
      })),
  }));
  return { throttleTimeMs: 0, topics: [], errorCode: 0, groups: [{ groupId, topics: errorCode === 0 ? answered : [], errorCode }] };
}

/** The answer to that ListOffsets: by partition an offset; -1: no such record; `[code]`: an error; absent: no answer for it. */
export function listed({ request }: Pending, offsets: Readonly<Record<string, number | readonly [code: number]>>): ListOffsetsResponse {
  const { topics } = request as ListOffsetsRequest;
  return {
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.flatMap(({ partitionIndex }) => {
        const found = offsets[`${name}-${String(partitionIndex)}`];
        if (found === undefined) return [];
        const [offset, errorCode] = typeof found === 'number' ? [found, 0] : [-1, found[0]];
        return [{ partitionIndex, errorCode, timestamp: -1, offset, leaderEpoch: 5 }];
      }),
    })),
  };
}

/** `key@epoch:timestamp` of each partition in a ListOffsets. */
export function questionsIn({ request }: Pending): readonly string[] {
  return (request as ListOffsetsRequest).topics.flatMap(({ name, partitions }) =>
    partitions.map(
      ({ partitionIndex, currentLeaderEpoch, timestamp }) =>
        `${name}-${String(partitionIndex)}@${String(currentLeaderEpoch)}:${String(timestamp)}`,
    ),
  );
}
