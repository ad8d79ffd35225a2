import { Observable, type Unsubscribable } from 'rxjs';
import type { Membership, PartitionStream } from '../../../src/model/partitionStream.ts';
import type { KafkaRecord, RecordBatch } from '../../../src/model/record.ts';
import type { StartPosition } from '../../../src/model/startPosition.ts';
import type { Seen } from '../seen.ts';

/** What operators look for on a stream beside its fields. */
const patience = Symbol.for('kafka-rx.patience');

/** A stream that tells of what is done with it, and is otherwise the one that it stands before. */
export class WatchedStream extends Observable<KafkaRecord> implements PartitionStream {
  readonly batches: Observable<RecordBatch>;
  private readonly stream: PartitionStream;
  private readonly see: (seen: Seen) => void;
  /** As the oracle counts them: an ack that comes after a change of position is known by it. */
  private readonly positionEpoch: () => number;
  private attached = false;

  constructor(stream: PartitionStream, see: (seen: Seen) => void, positionEpoch: () => number) {
    super((out) => this.watched(this.stream, (record) => this.record(record)).subscribe(out));
    this.stream = stream;
    this.see = see;
    this.positionEpoch = positionEpoch;
    this.batches = this.watched(stream.batches, (batch) => this.batch(batch));
    if (patience in stream) Object.defineProperty(this, patience, { value: stream[patience] });
  }

  get key(): string {
    return this.stream.key;
  }
  get topic(): string {
    return this.stream.topic;
  }
  get partition(): number {
    return this.stream.partition;
  }
  get assignmentEpoch(): number {
    return this.stream.assignmentEpoch;
  }
  get signal(): AbortSignal {
    return this.stream.signal;
  }
  get position(): number | undefined {
    return this.stream.position;
  }
  get committed(): number | undefined {
    return this.stream.committed;
  }
  get lag(): number | undefined {
    return this.stream.lag;
  }
  get membership(): Membership | undefined {
    return this.stream.membership;
  }

  /** Seen before: inside of it a commit of the new position may be sent already. */
  seek(to: StartPosition | 'committed'): void {
    const { assignmentEpoch: stream } = this;
    this.see({ kind: 'seek', stream, to });
    try {
      this.stream.seek(to);
    } catch (error) {
      this.see({ kind: 'seekRefused', stream });
      throw error;
    }
  }

  pause(): Unsubscribable {
    const { assignmentEpoch: stream } = this;
    const pause = this.stream.pause();
    let held = true;
    this.see({ kind: 'paused', stream });
    return {
      unsubscribe: () => {
        if (held) this.see({ kind: 'resumed', stream });
        held = false;
        pause.unsubscribe();
      },
    };
  }

  commit(): Observable<never> {
    return this.stream.commit();
  }

  private watched<T extends KafkaRecord | RecordBatch>(source: Observable<T>, handedOver: (item: T) => T): Observable<T> {
    return new Observable((out) => {
      const { assignmentEpoch: stream } = this;
      // One subscriber at a time: what a second one is told is no matter of the first.
      let over = this.attached;
      const ends = (seen: Seen): void => {
        if (over) return;
        over = true;
        this.attached = false;
        this.see(seen);
      };
      if (!over) this.see({ kind: 'subscribed', stream });
      this.attached = true;
      const subscription = source.subscribe({
        next: (item) => out.next(handedOver(item)),
        error: (error: unknown) => {
          ends({ kind: 'errored', stream, error });
          out.error(error);
        },
        complete: () => {
          ends({ kind: 'completed', stream });
          out.complete();
        },
      });
      return () => {
        subscription.unsubscribe();
        ends({ kind: 'unsubscribed', stream });
      };
    });
  }

  private record(record: KafkaRecord): KafkaRecord {
    this.see({
      kind: 'delivered',
      stream: this.assignmentEpoch,
      offsets: [record.offset],
      bytes: sizeOf(record),
      leaderEpoch: record.leaderEpoch,
    });
    return this.tellingAcks(record);
  }

  private batch(batch: RecordBatch): RecordBatch {
    const positionEpoch = this.positionEpoch();
    const records = [...batch];
    const offsets = records.map(({ offset }) => offset);
    const epoch = records[0]?.leaderEpoch;
    this.see({
      kind: 'delivered',
      stream: this.assignmentEpoch,
      offsets,
      bytes: batch.bytes,
      ...(epoch !== undefined && { leaderEpoch: epoch }),
    });
    const ack = batch.ack.bind(batch);
    const at = batch.at.bind(batch);
    return Object.assign(batch, {
      at: (index: number) => this.tellingAcks(at(index)),
      ack: () => {
        for (const offset of offsets) this.see({ kind: 'acked', stream: this.assignmentEpoch, offset, positionEpoch });
        ack();
      },
    });
  }

  /** Told before: the ack itself may bring the next record. */
  private tellingAcks(record: KafkaRecord): KafkaRecord {
    const positionEpoch = this.positionEpoch();
    const ack = record.ack.bind(record);
    return Object.assign(record, {
      ack: () => {
        this.see({ kind: 'acked', stream: this.assignmentEpoch, offset: record.offset, positionEpoch });
        ack();
      },
    });
  }
}

function sizeOf({ key, value }: KafkaRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}
