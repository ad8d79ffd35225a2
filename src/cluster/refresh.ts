import { defer, ignoreElements, map, type Observable, repeat, retry, startWith, switchMap, tap, throwError, timer } from 'rxjs';
import { BrokerError } from '../errors/index.ts';
import { NO_TOPIC_ID } from '../model/topicPartition.ts';
import { metadataApi, type MetadataRequest, type MetadataResponse } from '../protocol/apis/metadata.ts';
import type { Ask } from './ask.ts';
import { backoffDelay } from './backoff.ts';
import type { Context } from './context.ts';
import type { Interest } from './interest.ts';
import { isBelievable } from './metadata.ts';
import { asError, isRetriable } from './thrown.ts';

/** The longest time that a timer of Node can wait, ms; above it fires at once. */
const longestTimer = 2 ** 31 - 1;

export interface RefreshParts {
  readonly context: Context;
  readonly ask: Ask;
  readonly topics: () => Interest;
  /** A question is sent. */
  readonly asked: () => void;
  /** `interest`: what was asked for; `broker`: who answered, `host:port`. */
  readonly answered: (response: MetadataResponse, interest: Interest, broker: string) => void;
  /** How long until the next question, ms. Asked again after each `changed`. */
  readonly wait: () => number;
  readonly changed: Observable<unknown>;
}

/**
 * Asks for metadata again and again, for as long as it is subscribed: when `wait` is over, and after a failure when the back-off is.
 *
 * Whether to ask is a level, looked at on each change, so that nobody's wish for a refresh is lost while a round is under way.
 */
export function refreshLoop({ context, ask, topics, asked, answered, wait, changed }: RefreshParts): Observable<never> {
  return defer(() => {
    let failures = 0;

    const round = defer(() => {
      asked();
      const interest = topics();
      let broker = '';
      return ask(metadataApi, requestFor(interest), (from) => (broker = from)).pipe(
        map(believed),
        tap((response) => {
          failures = 0;
          answered(response, interest, broker);
        }),
      );
    });

    const due = (): Observable<unknown> =>
      changed.pipe(
        startWith(undefined),
        switchMap(() => timer(Math.min(wait(), longestTimer), context.scheduler)),
      );

    const heal = (error: unknown): Observable<unknown> => {
      if (!isRetriable(error)) return throwError(() => asError(error));
      failures++;
      const delay = backoffDelay(context.backoff, failures, context.random);
      context.tell({ kind: 'retryScheduled', api: metadataApi.name, attempt: failures, delay, error });
      return timer(delay, context.scheduler);
    };

    return round.pipe(repeat({ delay: due }), retry({ delay: heal }), ignoreElements());
  });
}

function requestFor({ names, matches }: Interest): MetadataRequest {
  return {
    topics: matches === undefined ? names.map((name) => ({ topicId: NO_TOPIC_ID, name })) : null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  };
}

function believed(response: MetadataResponse): MetadataResponse {
  if (isBelievable(response)) return response;
  throw new BrokerError('BROKER_NOT_AVAILABLE', 'a broker answered Metadata without knowing any broker', { retriable: true });
}
