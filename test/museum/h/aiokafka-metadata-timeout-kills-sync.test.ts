import { map, merge } from 'rxjs';
import { describe, test } from 'vitest';
import { codeOf, marble, NEVER_ANSWERED, RESET } from '../../support/scripted/index.ts';
import { delivered, patient } from '../script.ts';
import { telling } from '../telling.ts';

// M->hang ; M->RST | +refreshInterval | expect M

describe('aiokafka-metadata-timeout-kills-sync', () => {
  /** Of the known broker, and of the one to bootstrap from. */
  const both = ['2004 metadata', '2305 metadata', '2604 Metadata: BROKERS_UNREACHABLE', '2705 metadata', '3707 metadata', '4709 metadata'];
  const ways = {
    'is not answered': [NEVER_ANSWERED, both],
    'breaks its connection': [
      RESET,
      ['2004 metadata', '2006 metadata', '2007 Metadata: BROKERS_UNREACHABLE', '2108 metadata', '3109 metadata', '4110 metadata'],
    ],
    'is refused': [
      'UNKNOWN_SERVER_ERROR',
      ['2004 metadata', '2005 Metadata: UNKNOWN_SERVER_ERROR', '2105 metadata', '3106 metadata', '4107 metadata'],
    ],
  } as const;
  test.each(Object.keys(ways) as (keyof typeof ways)[])('metadata goes on to be refreshed after a question that %s', (way) => {
    marble((kit) => {
      const { cluster, consume, play, told } = kit;
      cluster.topic('orders', 1, 1);
      const failed = told('retryScheduled').pipe(map(({ api, error }) => `${api}: ${String(codeOf(error))}`));
      const { live } = telling(kit, 10_000, merge(cluster.sent('Metadata'), failed), [
        'metadata',
        'orders-0@0',
        '1003 metadata',
        ...ways[way][1],
      ]);
      live(consume({ fetch: patient, metadataMaxAge: 1_000, requestTimeout: 300 }).pipe(delivered()), '5s !');
      play('1500ms f', { f: () => cluster.fail('Metadata', ways[way][0], { times: way === 'is refused' ? 1 : 2 }) });
    })();
  });
});
