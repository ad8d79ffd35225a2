import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeJava, sharedKafka } from '../../support/kafka.ts';
import { seeded } from '../../support/seeded.ts';
import { javaTroupe, type JavaTroupe } from './cast/java.ts';
import type { Listing } from './cast/player.ts';
import { casting } from './cast/troupe.ts';
import { Stage, type Turn } from './stage.ts';

const listings: readonly Listing[] = [['range'], ['cooperative-sticky'], ['cooperative-sticky', 'range']];

/** The long form: so many further turns, drawn by chance. */
const turns = Number(process.env['INTEROP_TURNS'] ?? 0);

await describeJava('a group of kafka-rx and Java', () => {
  let java: JavaTroupe;

  beforeAll(async () => (java = await javaTroupe()));
  afterAll(() => java.close());

  test.each(listings.map((listing) => [listing.join(' and '), listing] as const))(
    'under %s: after each of ten joins and leaves the assignment is complete and disjoint, and nobody reads what is another’s',
    async (_, listing) => {
      const stage = await Stage.open(await sharedKafka(), casting(java));
      try {
        await stage.join('java1', listing);
        await stage.join('ours1', listing);
        await stage.join('java2', listing);
        await stage.join('ours2', listing);
        const led = stage.players.flatMap((player) => player.led);
        expect(new Set(led)).toEqual(new Set([false]));
        await stage.leave('java1');
        await stage.leave('java2');
        expect(stage.players.map((player) => player.led.at(-1)).sort()).toEqual([false, true]);
        await stage.join('java3', listing);
        await stage.leave('ours2');
        await stage.join('java4', listing);
        await stage.join('ours3', listing);
        for (const turn of drawn(stage, listing)) await stage.turn(turn);
        await stage.end();
      } finally {
        await stage.close();
      }
    },
    120_000 + turns * 5_000,
  );
});

/** One or two of Java's and of ours leave or join, or both. */
function* drawn(stage: Stage, listing: Listing): Generator<Turn> {
  const random = seeded(turns);
  for (let turn = 0; turn < turns; turn++) {
    const names = stage.players.map(({ name }) => name);
    const leave = names.filter(() => random() < 0.3);
    const fresh = ['java', 'ours'].filter(() => random() < 0.5).map((kind) => `${kind}-${turn}`);
    const join = names.length - leave.length + fresh.length === 0 || fresh.length + leave.length === 0 ? [`ours-${turn}`] : fresh;
    yield { leave, join: (names.length > 6 ? [] : join).map((name) => [name, listing] as const) };
  }
}
