import { Subject } from 'rxjs';
import { test } from 'vitest';
import type { Connection } from '../src/transport/port.ts';
import { socketConnection } from '../src/transport/socketConnection.ts';
import { codeOf, marble } from '../test/support/scripted/index.ts';
import { echoApi, echoVersions } from '../test/transport/support/echo.ts';
import { FakeSocket } from '../test/transport/support/fakeSocket.ts';

test('a request on a connection that is lost is refused, and not inside of subscribe', marble(({ scheduler, play, expectObservable }) => {
  const said = new Subject<unknown>();
  const socket = new FakeSocket();
  let connection: Connection | undefined;
  socketConnection(socket, { broker: 'b:1', clientId: 'me', versions: echoVersions }, scheduler).subscribe({
    next: (opened) => { connection = opened; },
    error: (error: unknown) => said.next(codeOf(error)),
  });
  const ask = (): void => {
    connection?.send(echoApi, { text: 'who?' }).subscribe({ next: () => said.next('answered'), error: (error: unknown) => said.next(codeOf(error)) });
    said.next('asked');
  };
  const script = '--x----a----';
  const heard =  '--l----(al)-';
  const stop =   '-----------!';
  expectObservable(said, stop).toBe(heard, { a: 'asked', l: 'CONNECTION_LOST' });
  play(script, { x: () => socket.emit('close'), a: ask });
}));
