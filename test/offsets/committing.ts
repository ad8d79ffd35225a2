import type { KafkaRxError } from '../../src/errors/index.ts';
import type { Membership } from '../../src/model/partitionStream.ts';
import type { KafkaRecord } from '../../src/model/record.ts';
import { createCommitter, type Committer } from '../../src/offsets/committer.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Table } from '../../src/table/table.ts';
import { watch, type Watched } from '../support/watch.ts';
import { batchOf, Clock, tableOf, takeAll, working } from '../table/scenario.ts';
import { committed, offsetsIn, Wire } from './scenario.ts';

/** A member with some partitions at position 0, ten records delivered of each, and a committer with an interval of 5 s and a count of 3. */
export class Bench {
  readonly clock: Clock = new Clock();
  readonly wire: Wire = new Wire();
  readonly table: Table = tableOf({ commitEvery: 3 }).table;
  readonly evictions: [string, Membership | undefined][] = [];
  readonly membership: Membership = { groupId: 'g', memberId: 'm', generation: 7 };
  readonly committer: Committer;
  private readonly records = new Map<Cursor, KafkaRecord[]>();

  constructor(partitions = 1, asMember = true) {
    this.table.membership = this.membership;
    for (let partition = 0; partition < partitions; partition++) {
      const cursor = working(this.table, 0, { partition });
      cursor.committed = 0;
      cursor.receive(batchOf(0, 10), true);
      this.records.set(cursor, takeAll(cursor));
    }
    this.committer = createCommitter({
      ...{ context: this.clock.context, coordinator: this.wire.coordinator, table: this.table, groupId: 'g', asMember, interval: 5_000 },
      evicted: (error: KafkaRxError, under) => this.evictions.push([error.code, under]) > 0,
    });
  }

  cursor(partition = 0): Cursor {
    const cursor = this.table.find('t', partition);
    if (cursor === undefined) throw new Error('no such partition');
    return cursor;
  }

  /** Acks the next so many records. */
  ack(count: number, partition = 0): void {
    for (const record of this.records.get(this.cursor(partition))?.splice(0, count) ?? []) record.ack();
  }

  run(): Watched<never> {
    return watch(this.committer.running);
  }

  flush(partition = 0): Watched<never> {
    const cursor = this.cursor(partition);
    return watch(this.committer.flush(() => !cursor.dirty));
  }

  /** Of one partition alone. */
  commit(partition: number): Watched<never> {
    const cursor = this.cursor(partition);
    return watch(
      this.committer.flush(
        () => !cursor.dirty,
        () => [cursor],
      ),
    );
  }

  /** When what was sent, and of which offsets. */
  get sent(): readonly string[] {
    return this.wire.sent.map((pending) => offsetsIn(pending).join());
  }

  answer(codes: Readonly<Record<string, number>> = {}): void {
    this.wire.only.answer(committed(this.wire.only, codes));
  }
}
