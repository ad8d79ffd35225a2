import { Subject } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import type { ConsumerEvent } from '../model/events.ts';
import type { ConsumerSettings } from './settings.ts';

/**
 * The line from the engine to the observer of events. A Subject lies between, so that an observer that throws is reported by RxJS as any
 * throwing `next` is, and does not reach the engine.
 */
export function happenings({ events, scheduler }: Pick<ConsumerSettings, 'events' | 'scheduler'>): Context['tell'] {
  if (events === undefined) return () => undefined;
  const line = new Subject<ConsumerEvent>();
  line.subscribe(
    typeof events === 'function'
      ? { next: events }
      : {
          next: (event) => {
            events.next(event);
          },
        },
  );
  return (happening) => {
    line.next({ ...happening, at: scheduler.now() });
  };
}
