import { VirtualAction, VirtualTimeScheduler } from 'rxjs';
import type { TextMarble } from './picture.ts';
import type { OpenStage, Seen, Stage } from './stage.ts';

/** Something that was seen, and when: ms since column 0. */
export interface Noted extends Seen {
  readonly at: number;
}

/** By then everything has come to its end: ms. */
const END_OF_TIME = 3_600_000;

/**
 * Plays a text marble in virtual time, and returns what was seen from column 0 until the last column begins. At one instant what is driven comes
 * before what comes of itself. Throws where something cannot be driven, where an invariant does not hold, and where anything is left over when all is
 * unsubscribed.
 */
export function play(marble: TextMarble, openStage: OpenStage): readonly Noted[] {
  const scheduler = new VirtualTimeScheduler(VirtualAction, END_OF_TIME);
  const stage = openStage(scheduler, marble.given);
  const noted: Noted[] = [];
  const end = marble.columns.at(-1)?.at ?? 0;
  let zero: number | undefined;
  const begin = (): void => {
    zero = scheduler.now();
    schedule(scheduler, marble, stage, end);
  };
  stage.seen.subscribe((seen) => {
    if (zero === undefined && seen.lane === 'fetch') begin();
    const at = scheduler.now() - (zero ?? Infinity);
    if (at >= 0 && at < end) noted.push({ ...seen, at });
  });
  if (marble.given.from === 'subscription') begin();
  stage.start();
  scheduler.flush();
  if (zero === undefined) throw new Error('no fetch was ever sent, with which column 0 begins: given from = subscription');
  if (scheduler.actions.some(({ closed }) => !closed)) throw new Error('a timer is armed after everything was unsubscribed');
  if (stage.open > 0) throw new Error(`connections are open after everything was unsubscribed: ${String(stage.open)}`);
  stage.judge();
  return noted;
}

/** Everything that is driven, and the end. */
function schedule(scheduler: VirtualTimeScheduler, { columns, lanes }: TextMarble, stage: Stage, end: number): void {
  const marks = lanes.flatMap(({ marks: own }) => own);
  for (const { column, action, letter, words } of marks) {
    if (action === undefined) continue;
    scheduler.schedule(() => {
      try {
        stage.drive(action);
      } catch (error) {
        throw new Error(`${letter} in column ${String(column + 1)}, ${words}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }, columns[column]?.at);
  }
  scheduler.schedule(() => {
    stage.end();
  }, end);
}
