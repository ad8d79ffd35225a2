import { EMPTY, map, NEVER, of, Subject, throwError, timer, type ObservableInput } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { StartPosition } from '../../src/model/startPosition.ts';
import type { TopicPartition } from '../../src/model/topicPartition.ts';
import { askLoop } from '../../src/offsets/askLoop.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import type { Table } from '../../src/table/table.ts';
import { Clock, ledByZero, tableOf } from '../table/scenario.ts';

/** `answer`: what the user's function gives, with how many calls there have been before. */
class Bench {
  readonly clock: Clock = new Clock();
  readonly table: Table = tableOf().table;
  readonly calls: TopicPartition[] = [];

  constructor(answer: (partition: number, nth: number) => ObservableInput<StartPosition>) {
    const startFrom = (place: TopicPartition): ObservableInput<StartPosition> => answer(place.partition, this.calls.push(place) - 1);
    askLoop({ context: this.clock.context, table: this.table, startFrom }).subscribe();
  }

  assign(partition = 0): Cursor {
    const cursor = this.table.assign({ topic: 't', partition }, { kind: 'locating', target: { kind: 'asked' }, reason: 'start' });
    this.table.settled();
    return cursor;
  }
}

describe('the position that the user’s function gives', () => {
  it('is gone on from at once where it is an offset', () => {
    const bench = new Bench(() => of({ offset: 7 }));
    const cursor = bench.assign(3);
    expect([bench.calls, cursor.state.kind, cursor.position, cursor.commitSoon]).toEqual([
      [{ topic: 't', partition: 3 }],
      'fetching',
      7,
      true,
    ]);
    expect(bench.clock.told).toEqual([{ kind: 'positioned', topic: 't', partition: 3, to: 7, reason: 'start' }]);
  });

  it('is looked up by the leader where it is another place', () => {
    const bench = new Bench(() => [{ timestamp: 5 }, { timestamp: 6 }]);
    const cursor = bench.assign();
    expect(cursor.state).toEqual({ kind: 'locating', target: { kind: 'place', at: { timestamp: 5 } }, reason: 'start' });
    expect(cursor.route.round).toBeUndefined();
  });

  it('counts whoever leads the partition by then', () => {
    const bench: Bench = new Bench(() => timer(50, bench.clock.scheduler).pipe(map(() => ({ offset: 7 }))));
    const cursor = bench.assign();
    ledByZero(bench.table);
    bench.clock.to(5_000);
    expect([cursor.position, bench.calls.length]).toEqual([7, 1]);
  });

  it('is asked for once for each partition, which do not wait for each other', () => {
    const bench = new Bench((partition) => (partition === 0 ? NEVER : of({ offset: 1 })));
    const [silent, other] = [bench.assign(0), bench.assign(1)];
    bench.clock.to(10_000);
    expect([silent.state.kind, other.position, bench.calls.map(({ partition }) => partition)]).toEqual(['locating', 1, [0, 1]]);
  });

  it('is an error of that partition alone where there is none', () => {
    const failure = new Error('database down');
    const bench = new Bench(
      (partition) => [() => throwError(() => failure), () => EMPTY, () => of('latest' as const)][partition]?.() ?? NEVER,
    );
    const [failed, empty, fine] = [0, 1, 2].map((partition) => bench.assign(partition));
    expect(failed?.state).toMatchObject({ kind: 'failed', error: failure });
    expect(empty?.state).toMatchObject({ kind: 'failed', error: { name: 'OptionsError', message: 'startFrom gave no position for t-1' } });
    expect(fine?.state).toMatchObject({ kind: 'locating', target: { kind: 'place', at: 'latest' } });
  });

  it('is an error of that partition where the function itself throws', () => {
    const bench = new Bench(() => {
      throw new Error('bad function');
    });
    expect(bench.assign().state).toMatchObject({ kind: 'failed', error: new Error('bad function'), before: { kind: 'locating' } });
  });

  it('is asked for again once the failed stream is subscribed again, after the back-off that stands in the table', () => {
    const bench = new Bench((_, nth) => (nth === 0 ? throwError(() => new Error('once')) : of({ offset: 9 })));
    const cursor = bench.assign();
    cursor.route.failed(bench.clock.now + 100);
    cursor.apply({ kind: 'told' });
    cursor.apply({ kind: 'retry' });
    expect([bench.calls.length, cursor.state.kind]).toEqual([1, 'locating']);
    bench.clock.to(100);
    expect([bench.calls.length, cursor.position]).toEqual([2, 9]);
  });

  it.each(['an answer', 'a failure'])('that comes too late means nothing: %s', (what) => {
    const answer = new Subject<StartPosition>();
    const bench = new Bench(() => answer);
    const cursor = bench.assign();
    cursor.relocate({ kind: 'place', at: { offset: 3 } }, 'seek');
    cursor.locate(3);
    const fetching = {};
    cursor.route.round = fetching;
    if (what === 'an answer') answer.next({ offset: 99 });
    else answer.error(new Error('late'));
    expect([cursor.state.kind, cursor.position, cursor.route.round]).toEqual(['fetching', 3, fetching]);
  });

  it('is nobody’s business after the release', () => {
    const answer = new Subject<StartPosition>();
    const bench = new Bench(() => answer);
    const cursor = bench.assign();
    bench.table.release(cursor);
    answer.next({ offset: 99 });
    expect([cursor.state.kind, cursor.position, bench.clock.told]).toEqual(['released', undefined, []]);
  });
});
