import type { PartitionData } from '../../../protocol/apis/fetch.ts';
import type { FetchRequestAll } from '../../../protocol/apis/fetchAll.ts';
import type { Call } from '../call.ts';
import type { Asked } from './asked.ts';
import type { Answered } from './context.ts';
import { failed, readable, readPartition, type Reader } from './readPartition.ts';

const READ_COMMITTED = 1;

/** `fetch.max.bytes` of a broker. */
const MOST = 57_671_680;

/** The reading of one request's partitions, as often as it takes. */
export class FetchRound {
  private readonly reader: Reader;
  private readonly minBytes: number;
  private readonly maxBytes: number;
  /** Those that a script refuses. */
  private readonly refusals: ReadonlyMap<Asked, string>;
  /** Those that there are not: they stand last in the answer, and a poll for the others goes on. */
  private readonly unknown: readonly Answered[];
  private readonly wanted: readonly Asked[];

  constructor(call: Call<FetchRequestAll>, partitions: readonly Asked[]) {
    const { cluster, node, version, request } = call;
    this.reader = { cluster, node, version, rackId: request.rackId, committed: request.isolationLevel === READ_COMMITTED };
    this.maxBytes = Math.min(request.maxBytes, MOST);
    this.minBytes = Math.min(request.minBytes, this.maxBytes);
    this.refusals = refusalsOf(call, partitions);
    const lost = partitions.filter((asked) => !this.refusals.has(asked) && !this.exists(asked));
    this.wanted = partitions.filter((asked) => !lost.includes(asked));
    const byId = lost.filter(({ topic }) => topic === undefined); // first those whose names are not even known
    this.unknown = [...byId, ...lost.filter(({ topic }) => topic !== undefined)].map((asked) => ({ asked, data: unknownPartition(asked) }));
  }

  /** Whether it is answered without waiting. */
  isDone(): boolean {
    if (this.wanted.length === 0) return true;
    const read = this.readWanted();
    const bytes = read.reduce((sum, { data }) => sum + (data.records?.length ?? 0), 0);
    return bytes >= this.minBytes || read.some(({ data }) => mustBeTold(data)) || this.isOver();
  }

  /** Whether a parked one has nothing to wait for any more: there are enough bytes, or something has become of a partition. */
  isOver(): boolean {
    let bytes = 0;
    for (const asked of this.wanted) {
      const more = readable(this.reader, asked);
      if (more === undefined) return true;
      bytes += more;
    }
    return bytes >= this.minBytes;
  }

  read(): readonly Answered[] {
    return [...this.readWanted(), ...this.unknown];
  }

  private readWanted(): readonly Answered[] {
    let left = this.maxBytes;
    let atLeastOne = true;
    return this.wanted.map((asked): Answered => {
      const refusal = this.refusals.get(asked);
      const data = refusal === undefined ? readPartition(this.reader, asked, { maxBytes: left, atLeastOne }) : failed(asked, refusal);
      const bytes = data.records?.length ?? 0;
      if (bytes > 0) atLeastOne = false;
      left = Math.max(0, left - bytes);
      return { asked, data };
    });
  }

  private exists({ topic, partition }: Asked): boolean {
    return topic !== undefined && this.reader.cluster.find(topic, partition.partition) !== undefined;
  }
}

function refusalsOf(call: Call<FetchRequestAll>, partitions: readonly Asked[]): ReadonlyMap<Asked, string> {
  const refusals = new Map<Asked, string>();
  for (const asked of partitions) {
    const refusal = call.refusal(asked.topic, asked.partition.partition);
    if (refusal !== undefined) refusals.set(asked, refusal);
  }
  return refusals;
}

function unknownPartition(asked: Asked): PartitionData {
  const error = asked.topic === undefined ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION';
  return { ...failed(asked, error), abortedTransactions: [] };
}

/** A log that parts from what the client has read ends the waiting as well: see `isOver`. */
function mustBeTold({ errorCode, preferredReadReplica }: PartitionData): boolean {
  return errorCode !== 0 || preferredReadReplica >= 0;
}
