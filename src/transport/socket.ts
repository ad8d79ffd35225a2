/** What we need of a socket of `node:net` or `node:tls`. */
export interface SocketLike {
  readonly destroyed: boolean;
  write(bytes: Buffer): unknown;
  destroy(): unknown;
  setNoDelay(noDelay: boolean): unknown;
  /** A chunk that was read already may still come. */
  pause(): unknown;
  resume(): unknown;
  on<E extends keyof SocketListeners>(event: E, listener: SocketListeners[E]): unknown;
  off<E extends keyof SocketListeners>(event: E, listener: SocketListeners[E]): unknown;
}

export interface SocketListeners {
  readonly data: (chunk: Buffer) => void;
  /** The peer closed its side. */
  readonly end: () => void;
  readonly error: (error: Error) => void;
  readonly close: () => void;
}

/**
 * Listens until the returned function is called.
 *
 * An error of a socket that nobody listens to ends the process, and one may be on its way already when we stop: so a listener that does nothing
 * stays until the socket is closed.
 */
export function listen(socket: SocketLike, { data, end, error, close }: SocketListeners): () => void {
  socket.on('data', data);
  socket.on('end', end);
  socket.on('error', error);
  socket.on('close', close);
  return () => {
    ignoreErrors(socket);
    socket.off('data', data);
    socket.off('end', end);
    socket.off('error', error);
    socket.off('close', close);
  };
}

/** Errors of this socket mean nothing any more. Leaves no listener behind once the socket is closed. */
export function ignoreErrors(socket: SocketLike): void {
  const ignore = (): void => undefined;
  const forget = (): void => {
    socket.off('error', ignore);
    socket.off('close', forget);
  };
  socket.on('error', ignore);
  socket.on('close', forget);
}
