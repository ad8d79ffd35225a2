import { defer, EMPTY, merge, tap, type Observable } from 'rxjs';
import { KafkaRxError } from '../errors/index.ts';
import type { Connection } from './port.ts';

/**
 * Holds a connection to what the port promises: no answer, part or error arrives inside `subscribe`.
 *
 * A loop that repeats on each answer re-enters itself with a synchronous one: some hundred of them in a row overflow the stack, and RxJS ends
 * such a loop without a word. So the first is made an error.
 */
export function guarded(connection: Connection): Connection {
  return {
    broker: connection.broker,
    ...(connection.sessionLifetime !== undefined && { sessionLifetime: connection.sessionLifetime }),
    version: (api) => connection.version(api),
    send: (api, request) => asynchronous(connection.send(api, request), `${api.name} at ${connection.broker}`),
    fetch: (request) => asynchronous(connection.fetch(request), `Fetch at ${connection.broker}`),
  };
}

function asynchronous<T>(source: Observable<T>, what: string): Observable<T> {
  return defer(() => {
    let subscribing = true;
    const check = (): void => {
      if (subscribing) throw synchronousAnswer(what);
    };
    const subscribed = defer(() => {
      subscribing = false;
      return EMPTY;
    });
    return merge(source.pipe(tap({ next: check, error: check, complete: check })), subscribed);
  });
}

function synchronousAnswer(what: string): KafkaRxError {
  return new KafkaRxError('SYNCHRONOUS_ANSWER', `${what} was answered inside of subscribe`, {
    advice: 'This is a defect of the Connector: its connections must answer in a later task.',
  });
}
