import { filter, map, mergeMap } from 'rxjs';
import { expect, test } from 'vitest';
import { fromKafka, type KafkaRecord } from '../../../src/index.ts';
import { SimulatedCluster } from '../../../src/testing/index.ts';
import { eventually } from '../../support/kafka.ts';
import { mortal } from './mortal.ts';

test('who dies says nothing more to the cluster: its connections are gone, and no commit and no farewell arrives', async () => {
  const cluster = new SimulatedCluster().topic('orders', 2, 10);
  const heard: string[] = [];
  cluster.traffic
    .pipe(
      filter(({ kind }) => kind === 'request' || kind === 'connect'),
      map(({ api }) => api),
    )
    .subscribe((api) => heard.push(api));
  const connector = mortal(cluster);
  const records: KafkaRecord[] = [];
  const life = fromKafka(connector, { groupId: 'group', topics: 'orders', closeTimeout: 50 })
    .pipe(mergeMap((partition) => partition))
    .subscribe((record) => records.push(record));
  await eventually(() => records.length === 20, { what: 'all records', every: 5 });
  const before = heard.length;
  for (const record of records) record.ack();
  connector.die();
  expect(cluster.open).toBe(0);
  life.unsubscribe();
  // Longer than an unsubscription may take.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(heard.slice(before)).toEqual([]);
  expect(cluster.committed('group', 'orders', 0) ?? 0).toBe(0);
});
