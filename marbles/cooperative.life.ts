import { concat, defer, map, mergeMap, of, tap, type Observable } from 'rxjs';
import { ackEach } from '../operators/index.ts';
import type { PartitionStream } from '../src/model/partitionStream.ts';
import type { KafkaRecord } from '../src/model/record.ts';
import { describeRequest } from '../src/testing/describe.ts';
import { codeOf, marble, type Marble } from '../test/support/scripted/index.ts';

/** Plays, and answers all that went over the wire and was seen, `12 m1 join`. */
export function life(draw: (m: Marble, log: (line: string) => void) => void, brokers = 1, breaks = {}): string[] {
  const lines: string[] = [];
  marble((m) => {
    const log = (line: string): void => { lines.push(`${m.scheduler.now()} ${line}`); };
    m.cluster.traffic.subscribe({ error: () => undefined, next: (t) => {
      if (['JoinGroup', 'SyncGroup', 'LeaveGroup', 'OffsetCommit'].includes(t.api)) {
        if (t.kind === 'request') log(`> ${describeRequest(t.api, t.message)}`);
        if (t.kind === 'answer') log(`< ${t.api} ${JSON.stringify(t.message, (key, value: unknown) => (key === 'assignment' || key === 'members' ? undefined : value)).replaceAll('"', '').slice(0, 160)}`);
      }
    } });
    draw(m, log);
  }, brokers, 0, breaks)();
  return lines;
}

/** What becomes of the streams of a consumer, told under its name. `taken`: its records are not acked at once. */
export function show(log: (line: string) => void, name: string, taken?: Map<string, KafkaRecord>): (s: Observable<PartitionStream>) => Observable<string> {
  return (s) => s.pipe(
    mergeMap((stream) => {
      log(`${name} begins ${stream.partition}`);
      const records = taken === undefined ? stream.pipe(ackEach()) : stream.pipe(tap((r) => taken.set(`${r.partition}@${r.offset}`, r)));
      return concat(records.pipe(map((r) => `${r.partition}@${r.offset}`)), defer(() => of(`${stream.partition}! ${stream.signal.aborted ? String(codeOf(stream.signal.reason)) : ''}`)));
    }),
    tap({ next: (x) => log(`${name} ${x}`), error: (e: unknown) => log(`${name} ERROR ${String(codeOf(e))}`), complete: () => log(`${name} COMPLETE`) }),
  );
}

/** At these times. */
export function at(m: Marble, plan: Record<number, () => void>): void {
  for (const [t, act] of Object.entries(plan)) m.scheduler.schedule(act, Number(t));
}
