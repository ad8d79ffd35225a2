import { Subject, type SchedulerLike } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Action } from '../support/text/actions.ts';
import { parse, play } from '../support/text/index.ts';
import type { TextMarble } from '../support/text/picture.ts';
import type { OpenStage, Seen } from '../support/text/stage.ts';

function marbleOf(lanes: string, given = 'log orders/0 = 0..9'): TextMarble {
  const { marble, mistakes } = parse(`title     a test\ngiven     ${given}\n${lanes}`);
  if (marble === undefined) throw new Error(JSON.stringify(mistakes));
  return marble;
}

type Tell = (lane: string, words: string) => void;

/** A stage on which happens what is said: at the start, when it is driven, at the end. */
function stageOf(script: {
  readonly start?: (tell: Tell, scheduler: SchedulerLike) => void;
  readonly drive?: (action: Action, tell: Tell, scheduler: SchedulerLike) => void;
  readonly end?: () => void;
  readonly open?: number;
}): OpenStage {
  return (scheduler) => {
    const seen = new Subject<Seen>();
    const tell = (lane: string, words: string): void => seen.next({ lane, words });
    return {
      seen,
      open: script.open ?? 0,
      start: () => script.start?.(tell, scheduler),
      drive: (action) => script.drive?.(action, tell, scheduler),
      end: () => script.end?.(),
      judge: () => undefined,
    };
  };
}

const lanes = `tick      -------
> ack     -0-1---
< fetch   -------
`;
const fetchAt = (ms: number) => (tell: Tell, scheduler: SchedulerLike) => scheduler.schedule(() => tell('fetch', 'fetch orders/0@0'), ms);

describe('a run', () => {
  test('begins with the first fetch, which is seen; what was before is not', () => {
    const start = (tell: Tell, scheduler: SchedulerLike): void => {
      tell('request', 'metadata');
      fetchAt(7)(tell, scheduler);
      scheduler.schedule(() => tell('record', 'record orders/0@0'), 9);
    };
    expect(play(marbleOf(lanes), stageOf({ start }))).toEqual([
      { lane: 'fetch', words: 'fetch orders/0@0', at: 0 },
      { lane: 'record', words: 'record orders/0@0', at: 2 },
    ]);
  });

  test('begins with the subscription where that is given', () => {
    const start = (tell: Tell, scheduler: SchedulerLike): void => {
      tell('request', 'metadata');
      fetchAt(3)(tell, scheduler);
    };
    expect(play(marbleOf(lanes, 'from = subscription; log orders/0 = empty'), stageOf({ start }))).toEqual([
      { lane: 'request', words: 'metadata', at: 0 },
      { lane: 'fetch', words: 'fetch orders/0@0', at: 3 },
    ]);
  });

  test('drives at the times of the columns, and before what comes of itself at that time', () => {
    const start = (tell: Tell, scheduler: SchedulerLike): void => {
      fetchAt(5)(tell, scheduler);
      scheduler.schedule(() => scheduler.schedule(() => tell('record', 'of itself'), 1), 5);
    };
    const drive = (action: Action, tell: Tell): void => tell('driven', JSON.stringify(action.kind === 'ack' && action.offset));
    expect(play(marbleOf(lanes), stageOf({ start, drive })).map(({ words, at }) => `${String(at)} ${words}`)).toEqual([
      '0 fetch orders/0@0',
      '1 0',
      '1 of itself',
      '3 1',
    ]);
  });

  test('drives what stands in one column from the upper lane to the lower one', () => {
    const drawn = marbleOf('tick      ----\n> ack     -1--\n> ack     -0--\n< fetch   ----\n');
    const driven: unknown[] = [];
    play(drawn, stageOf({ start: fetchAt(0), drive: (action) => driven.push(action.kind === 'ack' && action.offset) }));
    expect(driven).toEqual([1, 0]);
  });

  test('ends when the last column begins: nothing is seen from then on, and everything is unsubscribed', () => {
    let ended = 0;
    const start = (tell: Tell, scheduler: SchedulerLike): void => {
      fetchAt(0)(tell, scheduler);
      for (const ms of [5, 6, 7]) scheduler.schedule(() => tell('record', String(ms)), ms);
    };
    const noted = play(marbleOf(lanes), stageOf({ start, end: () => ended++ }));
    expect(noted.map(({ words }) => words)).toEqual(['fetch orders/0@0', '5']);
    expect(ended).toBe(1);
  });

  test('takes a cut as long as it says, and a column as long as a tick', () => {
    const drawn = marbleOf('tick      -~~2s~~---\n> ack     -------0--\n< fetch   ----------\n', 'tick = 10ms; log orders/0 = 0');
    const drive = (_: Action, tell: Tell): void => tell('record', 'driven');
    expect(play(drawn, stageOf({ start: fetchAt(0), drive })).at(-1)).toEqual({ lane: 'record', words: 'driven', at: 2_010 });
  });
});

describe('a run fails', () => {
  test('where something cannot be driven, and says in which column', () => {
    const drive = (): void => {
      throw new Error('not delivered yet');
    };
    expect(() => play(marbleOf(lanes), stageOf({ start: fetchAt(0), drive }))).toThrow('0 in column 2, ack 0: not delivered yet');
  });

  test('where no fetch is ever sent', () => {
    expect(() => play(marbleOf(lanes), stageOf({}))).toThrow(
      'no fetch was ever sent, with which column 0 begins: given from = subscription',
    );
  });

  test('where a timer is left', () => {
    const start = (tell: Tell, scheduler: SchedulerLike): void => {
      fetchAt(0)(tell, scheduler);
      scheduler.schedule(function again() {
        this.schedule(undefined, 1_000_000);
      }, 1_000_000);
    };
    expect(() => play(marbleOf(lanes), stageOf({ start }))).toThrow('a timer is armed after everything was unsubscribed');
  });

  test('where a connection is left', () => {
    expect(() => play(marbleOf(lanes), stageOf({ start: fetchAt(0), open: 2 }))).toThrow(
      'connections are open after everything was unsubscribed: 2',
    );
  });
});
