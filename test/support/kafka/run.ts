import type { ChildProcess } from 'node:child_process';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function ended(child: ChildProcess): Promise<Ended> {
  const stdout = textOf(child.stdout);
  const stderr = textOf(child.stderr);
  child.ref();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout: stdout(), stderr: stderr() }));
  });
}

/** Waits for the end of a program; rejects with the last lines that it wrote when it failed. */
export async function succeeded(child: ChildProcess, what: string): Promise<Ended> {
  const end = await ended(child);
  if (end.code === 0) return end;
  const said = `${end.stderr}\n${end.stdout}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${what} ended with ${end.code ?? 'a signal'}:\n${said}`);
}
