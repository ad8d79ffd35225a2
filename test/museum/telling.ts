import { catchError, concat, EMPTY, filter, ignoreElements, merge, mergeMap, NEVER, Subject, tap, type Observable } from 'rxjs';
import { refusalsOf } from '../../simulation/oracle/shadow/codes.ts';
import { codeOf, type Marble, type ScriptedCluster } from '../support/scripted/index.ts';
import { story } from './kit.ts';

/** Who tells lines of a story. */
export interface Telling {
  /** Subscribes at `^`, or at once, and unsubscribes at `!`. What it emits is a line, and its end is one. */
  readonly live: (life: Observable<string>, subscription: string) => void;
  /** Adds a line. */
  readonly say: (line: string) => void;
}

/** What is told until then (ms) by `seen`, and by whoever has a say, is these lines: see `story`. */
export function telling(
  { scheduler, expectObservable }: Marble,
  until: number,
  seen: Observable<string>,
  lines: readonly string[],
): Telling {
  const said = new Subject<string>();
  const say = (line: string): void => {
    said.next(line);
  };
  story(scheduler, merge(seen, said), until, lines);
  return {
    say,
    live(life, subscription) {
      const told = life.pipe(
        tap({ next: say, complete: () => say('completed'), error: (error: unknown) => say(`error ${String(codeOf(error))}`) }),
        ignoreElements(),
        catchError(() => EMPTY),
      );
      expectObservable(concat(told, NEVER), subscription).toBe('');
    },
  };
}

/** What the brokers refuse to do, of these APIs, when it is answered: `OffsetCommit NOT_COORDINATOR`. */
export function refusals(cluster: ScriptedCluster, ...apis: readonly string[]): Observable<string> {
  return cluster.traffic.pipe(
    filter(({ kind, api }) => kind === 'answer' && apis.includes(api)),
    mergeMap(({ api, message }) => refusalsOf(api, message).map(({ name }) => `${api} ${name}`)),
  );
}
