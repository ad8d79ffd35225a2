import { writeSync } from 'node:fs';
import process from 'node:process';
import { filter, Subject, takeUntil } from 'rxjs';
import { processRecords } from '../../../operators/index.ts';
import { fromKafka } from '../../../src/index.ts';
import { SimulatedCluster } from '../../../src/testing/index.ts';
import { watched, type Side } from '../grounds/moments.ts';
import type { Farewell } from './leaver.ts';

/** When one is to unsubscribe, as for `leaver.ts`: `took` is told until its last connection was closed. */
export interface Leaving {
  readonly step: string;
  readonly side: Side;
  /** The broker answers nothing from then on. */
  readonly silent: boolean;
}

/** Many consumers, each of a simulated cluster of its own, each of which unsubscribes at one moment. Ends by itself or not at all. */
const [given = '[]', closeTimeout = ''] = process.argv.slice(2);
const strange: string[] = [];

for (const kind of ['unhandledRejection', 'uncaughtException', 'warning'] as const) {
  process.on(kind, (what: unknown) => strange.push(`${kind}: ${String(what)}`));
}
const tellers = (JSON.parse(given) as readonly Leaving[]).map(leave);
process.on('exit', () => writeSync(1, JSON.stringify(tellers.map((tell) => tell()))));
setTimeout(() => writeSync(2, `still there: ${process.getActiveResourcesInfo().join(' ')}\n`), 10_000).unref();

/** Begins, and answers with what tells of its end. */
function leave({ step, side, silent }: Leaving): () => Farewell {
  const cluster = new SimulatedCluster().topic('orders', 1, 50);
  const [name, nth = '1'] = step.split(' ');
  const own: string[] = [];
  let took = NaN;
  const stop = new Subject<void>();
  let unsubscribedAt: number | undefined;
  let count = 0;
  const at = (what: string, when: Side): void => {
    if (what !== name || when !== side) return;
    count++;
    if (count !== Number(nth)) return;
    if (silent) cluster.apply({ kind: 'freeze', node: 1 });
    unsubscribedAt = performance.now();
    took = 0;
    stop.next();
  };
  cluster.traffic.pipe(filter(({ kind }) => kind === 'disconnect')).subscribe(() => {
    if (unsubscribedAt !== undefined) took = performance.now() - unsubscribedAt;
  });
  fromKafka(watched(cluster, at), {
    groupId: 'leaver',
    topics: 'orders',
    heartbeatInterval: 300,
    commit: { interval: 200 },
    closeTimeout: Number(closeTimeout),
  })
    .pipe(
      processRecords(() => undefined),
      takeUntil(stop),
    )
    .subscribe({ error: (error: unknown) => own.push(String(error)) });
  return () => {
    if (cluster.open > 0) own.push(`${cluster.open} connections are open`);
    return { took, strange: [...strange, ...own] };
  };
}
