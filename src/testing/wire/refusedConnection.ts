import { ConnectionError } from '../../errors/index.ts';
import { codeOf, errorOf } from '../../errors/table.ts';

/** Why there is no connection: by our own names, `CONNECTION_FAILED` and `TLS_FAILED`, or by Kafka's, as `SASL_AUTHENTICATION_FAILED`. */
export function refusedConnection(code: string, broker: string): Error {
  if (code === 'CONNECTION_FAILED' || code === 'TLS_FAILED')
    return new ConnectionError(code, `the connection to ${broker} is refused`, { broker });
  return errorOf(codeOf(code), { broker });
}
