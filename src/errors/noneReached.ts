import { ConnectionError } from './family.ts';
import { KafkaRxError } from './KafkaRxError.ts';

const ADVICE_FOR_ALL = 'Look whether the brokers run, and whether the bootstrap and the advertised addresses can be reached from here.';

/**
 * One error for several brokers of which none could be reached, with what each of them said.
 *
 * Where they agree it says the same: the broker if there is only one, TLS if all failed at it, and the last advice that one of them had.
 */
export function noneReached(what: string, failures: readonly Error[]): ConnectionError {
  const ours = failures.filter((failure) => KafkaRxError.is(failure));
  const brokers = new Set(ours.map(({ broker }) => broker));
  const [broker] = brokers.size === 1 ? brokers : [];
  const allTls = failures.length > 0 && failures.length === ours.length && ours.every(({ code }) => code === 'TLS_FAILED');
  const advice = ours.findLast((failure) => failure.advice !== '')?.advice ?? ADVICE_FOR_ALL;
  const cause = failures.length > 1 ? new AggregateError(failures, 'what each of them said') : failures[0];
  const said = failures.map(({ message }) => message).join('; ');
  const message = said === '' ? what : `${what}: ${said}`;
  return new ConnectionError(allTls ? 'TLS_FAILED' : 'BROKERS_UNREACHABLE', message, { retriable: true, broker, advice, cause });
}
