import { EMPTY, Observable, type Subscriber } from 'rxjs';
import { Pump } from '../../src/consumer/pump.ts';
import type { KafkaRecord } from '../../src/model/record.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Amount } from '../../src/table/held.ts';
import type { Table } from '../../src/table/table.ts';
import { batchOf, Clock, tableOf, working } from '../table/scenario.ts';

/** A pump on a partition that has so many records buffered, in batches of 1,000. */
export class Bench {
  readonly clock: Clock = new Clock();
  readonly table: Table;
  readonly cursor: Cursor;
  /** What subscribers got, and how it ended. */
  readonly log: (number | string)[] = [];

  constructor(records: number, window: Amount = { records: Infinity, bytes: Infinity }) {
    this.table = tableOf({ window, maxBuffered: 1e9 }).table;
    this.cursor = working(this.table, 0, { attached: false });
    for (let base = 0; base < records; base += 1_000) this.cursor.receive(batchOf(base, Math.min(1_000, records - base)), true);
  }

  get stream(): Observable<KafkaRecord> {
    return new Observable((out: Subscriber<KafkaRecord>) => {
      const pump = new Pump(this.cursor, this.table, this.clock.context, out, () => this.cursor.delivery.take());
      out.add(pump.subscription);
      pump.start(EMPTY);
    });
  }

  subscribe(next: (record: KafkaRecord) => void = () => undefined): { unsubscribe(): void } {
    return this.stream.subscribe({
      next: (record) => {
        this.log.push(record.offset);
        next(record);
      },
      error: (error: unknown) => this.log.push(String(error)),
      complete: () => this.log.push('|'),
    });
  }
}
