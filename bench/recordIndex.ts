/** How fast the records of a batch are indexed: `npx tsx bench/recordIndex.ts`. Prints millions of records a second. */
import { performance } from 'node:perf_hooks';
import { encodeBatch } from '../src/protocol/encodeBatch.ts';
import { indexRecords, STRIDE } from '../src/protocol/recordIndex.ts';
import { BatchView } from '../src/protocol/recordBatch.ts';

interface Shape {
  readonly name: string;
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: readonly (readonly [string, Buffer])[];
}

const shapes: readonly Shape[] = [
  { name: '100 B, no key', key: null, value: Buffer.alloc(100), headers: [] },
  { name: '100 B, key', key: Buffer.alloc(10), value: Buffer.alloc(90), headers: [] },
  { name: '100 B, two headers', key: Buffer.alloc(10), value: Buffer.alloc(70), headers: [['a', Buffer.alloc(8)], ['b', Buffer.alloc(8)]] }, // prettier-ignore
  { name: '1 KB', key: Buffer.alloc(10), value: Buffer.alloc(1000), headers: [] },
];

for (const { name, key, value, headers } of shapes) {
  const count = Math.floor(16384 / (value.length + 20));
  const records = Array.from({ length: count }, (_, i) => ({ key, value, headers, timestamp: 1_700_000_000_000 + i }));
  const { body } = new BatchView(encodeBatch(records));
  const rates = Array.from({ length: 7 }, () => {
    const start = performance.now();
    let indexed = 0;
    while (performance.now() - start < 200) for (let i = 0; i < 50; i++) indexed += indexRecords(body, count).length / STRIDE;
    return indexed / (performance.now() - start) / 1000;
  });
  const [, , , median = 0] = rates.sort((a, b) => a - b);
  console.log(`${name}: ${median.toFixed(1)} M records/s`);
}
