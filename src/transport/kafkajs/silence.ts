import type { Logger, PoolConnection } from './internals.ts';

const nothing = (): void => undefined;

/** A logger that says nothing. What happens is told as errors and events; kafkajs would tell it once more, on the console. */
export const silent: Logger = {
  namespace: () => silent,
  setLogLevel: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

/** Takes the voice of this one connection. The logger of the user's Kafka, and its level, stay as they are. */
export function silence(connection: PoolConnection): void {
  connection.logger = silent;
  connection.requestQueue.logger = silent;
}
