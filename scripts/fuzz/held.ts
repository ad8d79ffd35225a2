import type { PartitionStream } from '../../src/model/partitionStream.ts';
import { inflate } from '../../src/protocol/compression.ts';
import { BatchView } from '../../src/protocol/recordBatch.ts';
import type { Cursor } from '../../src/table/cursor.ts';
import { Finding } from './finding.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

interface Bound {
  readonly witnesses: readonly Witness[];
  readonly world: World;
  readonly maxBuffered: number;
  readonly largestFrame: number;
}

/** MEM: bytes held ≤ max(`maxBuffered`, one batch of each partition) + one answer of each broker; what was compressed counts as what it became. */
export function checkHeld(streams: readonly PartitionStream[], { witnesses, world, maxBuffered, largestFrame }: Bound): void {
  let held = 0;
  for (const stream of streams) held += (Reflect.get(stream, 'cursor') as Cursor).held.bytes;
  if (held === 0) return;
  const oneEach = witnesses.reduce((sum, { largest }) => sum + largest, 0);
  const limit = Math.max(maxBuffered, oneEach) + world.cluster.model.brokers.size * largestFrame;
  if (held > limit && held > limit + inflated(witnesses, world)) throw new Finding(`${held} bytes are held, ${limit} are allowed`);
}

/** All that was sent compressed. */
function inflated(witnesses: readonly Witness[], { partitions }: World): number {
  const lies = witnesses.flatMap(({ liedTo }) => liedTo.map(({ bytes }) => bytes));
  const truths = partitions.flatMap(({ batches }) => [...batches.values()]);
  return [...lies, ...truths].reduce((sum, bytes) => sum + inflatedBytes(bytes), 0);
}

function inflatedBytes(bytes: Buffer): number {
  try {
    const view = new BatchView(bytes);
    return view.compression === 'none' ? 0 : inflate(view.compression, view.body).length;
  } catch {
    return 0; // it is held as it came
  }
}
