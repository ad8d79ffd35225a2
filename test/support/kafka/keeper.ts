import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Where a process of ours keeps its temporary things, and who ends its children when it is gone. */
export interface Keeper {
  /** Removed when this process ends, however it ends. */
  readonly folder: string;
  /** Starts a program that is killed when this process ends, however it ends. It does not keep this process alive. */
  spawn(command: string, args: readonly string[], options: { readonly cwd?: string; readonly stdio: StdioOptions }): ChildProcess;
}

/**
 * The keeper's life hangs on its standard input: nobody ever writes there, so `read` returns when the process that holds the other end is gone.
 * The folder is renamed first: a program that is just being started then finds no place for its pid and gives up, all others are listed.
 */
const watch = `
read -r _
mv "$1" "$1.gone" 2>/dev/null || exit 0
for f in "$1.gone"/pids/*; do [ -f "$f" ] && kill -9 "$(cat "$f")" 2>/dev/null; done
n=0
until rm -rf "$1.gone" 2>/dev/null || [ $n -gt 50 ]; do n=$((n + 1)); sleep 0.1; done
`;

/** The pid stands in the list before the program runs; `exec` keeps it. */
const enlist = 'echo $$ >"$1" && shift && exec "$@"';

function createKeeper(): Keeper {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-rx-'));
  const pids = join(folder, 'pids');
  mkdirSync(pids);
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/bin:/bin` }; // it needs mv, cat, rm and sleep whatever a test does to PATH
  const shell = spawn('/bin/sh', ['-c', watch, 'keeper', folder], { detached: true, env, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  let count = 0;
  return {
    folder,
    spawn(command, args, options) {
      count += 1;
      const pidFile = join(pids, String(count));
      const child = spawn('sh', ['-c', enlist, 'enlist', pidFile, command, ...args], { ...options, detached: true });
      child.once('exit', () => rmSync(pidFile, { force: true }));
      child.unref();
      return child;
    },
  };
}

let shared: Keeper | undefined;

/** The keeper of this process. */
export function keeper(): Keeper {
  shared ??= createKeeper();
  return shared;
}
