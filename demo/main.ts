import process from 'node:process';
import { fromEvent, interval, map, merge, switchMap, take, takeUntil, tap, timer, type Observable } from 'rxjs';
import { processRecords } from '../operators/index.ts';
import { fromKafka } from '../src/index.ts';
import { Board } from './board.ts';
import { produceOrders } from './orders.ts';
import { Screen } from './screen.ts';
import { findStage, simulatedStage, type Stage } from './stage.ts';

const count = 400;
const partitions = 4;
/** How long it takes to bill one order, ms. */
const work = 80;
const screen = new Screen();

/** One consumer of the group: bills each order, slowly, and shows on the board what it does. */
function member(name: string, stage: Stage, topic: string, board: Board, until: AbortSignal): Observable<unknown> {
  return fromKafka(stage.source, { groupId: `${topic}-billing`, topics: [topic], until, commit: { interval: 500 } }).pipe(
    tap((stream) => {
      board.assigned(name, stream);
    }),
    processRecords((order) =>
      timer(work).pipe(
        map(() => {
          board.billed(order);
        }),
      ),
    ),
  );
}

/** Orders are written, and billed by two members, the second of which comes later. Ends when all are billed, or at a Ctrl-C. */
async function billOrders(stage: Stage, topic: string): Promise<void> {
  const board = new Board();
  const stop = new AbortController();
  const stopping = fromEvent(stop.signal, 'abort').pipe(take(1));
  process.once('SIGINT', () => {
    screen.say('\nstopping: what is being billed is finished and committed first (Ctrl-C again ends at once)');
    stop.abort();
  });
  const drawing = interval(250).pipe(
    tap(() => {
      screen.draw(board.lines());
      if (board.total >= count) stop.abort();
    }),
  );
  const later = timer(4_000).pipe(takeUntil(stopping));
  const second = later.pipe(
    tap(() => {
      screen.say('\na second member joins: the group shares the partitions out anew');
    }),
    switchMap(() => member('member 2', stage, topic, board, stop.signal)),
  );
  const writing = merge(produceOrders(stage, topic, count), drawing).pipe(takeUntil(stopping));
  await merge(member('member 1', stage, topic, board, stop.signal), second, writing).forEach(() => undefined);
  screen.last();
  screen.draw(board.lines());
  screen.say(`\n${String(board.total)} orders billed, ${String(board.repeated)} of them twice; all acks are committed`);
}

async function main(): Promise<void> {
  const stage = process.argv.includes('--simulated') ? simulatedStage() : await findStage((line) => screen.say(line));
  try {
    screen.say(`${stage.name}\n`);
    const topic = `orders-${Date.now().toString(36).slice(-4)}`;
    await stage.createTopic(topic, partitions);
    await billOrders(stage, topic);
  } finally {
    await stage.close();
  }
}

try {
  await main();
} catch (error) {
  screen.say(String(error));
  process.exitCode = 1;
}
