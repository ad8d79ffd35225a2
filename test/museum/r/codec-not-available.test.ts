import { merge, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { UnsupportedCodecError } from '../../../src/errors/index.ts';
import { inflaterOf } from '../../../src/protocol/compression.ts';
import { encodeBatch, withCrc } from '../../../src/protocol/encodeBatch.ts';
import { marble } from '../../support/scripted/index.ts';
import { brought, delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// F(@10)->batch{codec zstd, no decoder} | count F

/** A batch whose attributes name a codec that nothing reads. */
function unreadable(): Buffer {
  const batch = encodeBatch([{ value: Buffer.from('10') }]);
  batch.writeInt16BE(6, 21);
  return withCrc(batch);
}

describe('codec-not-available', () => {
  test(
    'a batch whose codec nothing reads ends its stream with an error that names it; it is fetched once',
    marble((kit) => {
      const { cluster, consume } = kit;
      cluster.topic('orders', 1, 10).partition('orders', 0).log.appendBatch(unreadable(), 0);
      const { live } = telling(kit, 60_000, merge(cluster.sent('Fetch'), brought(cluster)), [
        'fetch orders/0@10',
        '-> orders/0 ok[10..10]',
        'error UNSUPPORTED_COMPRESSION_TYPE',
      ]);
      const look = (error: unknown): void => {
        expect(error).toBeInstanceOf(UnsupportedCodecError);
        expect(error).toMatchObject({ codec: 'codec 6', topic: 'orders', partition: 0, offset: 10 });
      };
      live(consume({ startFrom: { offset: 10 }, fetch: patient }).pipe(delivered(), tap({ error: look })), '50s !');
    }),
  );

  test('zstd, and no decoder of it: the error names the package to install', () => {
    const absent = (name: string): never => {
      throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
    };
    let error: unknown;
    try {
      inflaterOf(absent, {})('zstd', Buffer.alloc(9));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UnsupportedCodecError);
    expect(error).toMatchObject({ codec: 'zstd', install: 'fzstd', retriable: false });
  });
});
