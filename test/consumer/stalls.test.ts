import { describe, expect, it } from 'vitest';
import { follow, type Episode, type Seen, type Word } from '../../src/consumer/stalls.ts';

interface Look extends Partial<Seen> {
  readonly at: number;
}

/** What is said after all these looks: `31000 stalled window 1000`. */
function said(...looks: readonly Look[]): string[] {
  const words: string[] = [];
  let episode: Episode | undefined;
  for (const { at, standing = 'working', acks = 0, position = 0 } of looks) {
    const step: { readonly episode: Episode; readonly words: readonly Word[] } = follow(episode, { standing, acks, position }, at);
    episode = step.episode;
    words.push(...step.words.map(({ kind, reason, since }) => `${String(at)} ${kind} ${reason} ${String(since)}`));
  }
  return words;
}

describe('what is said of a partition that stands still', () => {
  it('is nothing before 30 s are over, and then one word', () => {
    expect(said({ at: 0, standing: 'window' }, { at: 29_999, standing: 'window' })).toEqual([]);
    expect(said({ at: 0, standing: 'window' }, { at: 30_000, standing: 'window' }, { at: 90_000, standing: 'window' })).toEqual([
      '30000 stalled window 0',
    ]);
  });

  it('of a full window begins anew with each ack, and of all else with each step of the position', () => {
    expect(
      said({ at: 0, standing: 'window' }, { at: 20_000, standing: 'window', acks: 1 }, { at: 40_000, standing: 'window', acks: 1 }),
    ).toEqual([]);
    expect(said({ at: 0, standing: 'window' }, { at: 40_000, standing: 'window', position: 5 })).toHaveLength(1);
    expect(said({ at: 0, standing: 'refused' }, { at: 40_000, standing: 'refused', position: 5 })).toEqual([]);
    expect(said({ at: 0, standing: 'refused' }, { at: 40_000, standing: 'refused', acks: 5 })).toHaveLength(1);
  });

  it('is the recovery once, when it goes on or has moved', () => {
    const stalled = [
      { at: 0, standing: 'broker-away' },
      { at: 30_000, standing: 'broker-away' },
    ] as const;
    expect(said(...stalled, { at: 40_000 }, { at: 50_000 })).toEqual(['30000 stalled broker-away 0', '40000 recovered broker-away 0']);
    const again = said(
      ...stalled,
      { at: 40_000, standing: 'broker-away', position: 1 },
      { at: 70_000, standing: 'broker-away', position: 1 },
    );
    expect(again).toEqual(['30000 stalled broker-away 0', '40000 recovered broker-away 0', '70000 stalled broker-away 40000']);
    expect(said({ at: 0, standing: 'broker-away' }, { at: 10_000 })).toEqual([]);
  });

  it('is the new reason where that changes while it stands, in the same episode', () => {
    expect(
      said(
        { at: 0, standing: 'broker-away' },
        { at: 30_000, standing: 'broker-away' },
        { at: 31_000, standing: 'no-leader' },
        { at: 32_000 },
      ),
    ).toEqual(['30000 stalled broker-away 0', '31000 stalled no-leader 0', '32000 recovered no-leader 0']);
  });

  it('of a session that is over is said at once, and no ack is a recovery', () => {
    expect(said({ at: 0, standing: 'session-expired' }, { at: 1_000, standing: 'session-expired', acks: 1 })).toEqual([
      '0 stalled session-expired 0',
    ]);
  });

  it.each(['working', 'ended', 'failed', 'unattended', 'paused'] as const)('is nothing while it is %s', (standing) => {
    expect(said({ at: 0, standing }, { at: 3_600_000, standing })).toEqual([]);
  });
});
