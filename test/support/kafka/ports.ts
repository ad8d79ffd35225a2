import { createServer } from 'node:net';

const FIRST = 20_000;
const LAST = 29_999;

/** Whether nobody listens there at this moment. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * That many different free ports of the loopback, below the range from which systems take the ports of outgoing connections.
 * Somebody else may take one before it is used: callers try again.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}
