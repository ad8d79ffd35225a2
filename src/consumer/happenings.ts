import process from 'node:process';
import { Subject, type Observer } from 'rxjs';
import type { Context } from '../cluster/context.ts';
import type { ConsumerEvent } from '../model/events.ts';
import type { Warning } from '../observe/warning.ts';
import { warnings } from '../observe/warnings.ts';
import type { ConsumerSettings } from './settings.ts';

/**
 * The line from the engine to the observer of events. A Subject lies between, so that an observer that throws is reported by RxJS as any
 * throwing `next` is, and does not reach the engine. Where nobody listens, what must not pass in silence is a warning of the process.
 */
export function happenings({ events, scheduler }: Pick<ConsumerSettings, 'events' | 'scheduler'>): Context['tell'] {
  const line = new Subject<ConsumerEvent>();
  const observer: Partial<Observer<ConsumerEvent>> = {
    next(event) {
      if (typeof events === 'function') events(event);
      else events?.next(event);
    },
  };
  const warner: Partial<Observer<Warning>> = { next: warn };
  if (events === undefined) line.pipe(warnings()).subscribe(warner);
  else line.subscribe(observer);
  return (happening) => {
    line.next({ ...happening, at: scheduler.now() });
  };
}

function warn({ message, code }: Warning): void {
  process.emitWarning(message, { type: 'KafkaRxWarning', code });
}
