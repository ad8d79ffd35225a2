import { mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, renameSync, rmSync, statSync, writeSync, existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const STALE = 10 * 60_000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function isStale(lock: string): boolean {
  try {
    const age = Date.now() - statSync(lock).mtimeMs;
    const pid = Number(readFileSync(lock, 'utf8'));
    return age > STALE || (pid > 0 ? !isAlive(pid) : age > 5_000);
  } catch {
    return false; // it has just gone
  }
}

function tryLock(lock: string): boolean {
  try {
    const file = openSync(lock, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch {
    if (isStale(lock)) rmSync(lock, { force: true });
    return false;
  }
}

async function locked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  while (!tryLock(lock)) await sleep(100);
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function moveInto(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    rmSync(from, { recursive: true, force: true });
  }
}

/**
 * Fills `folder` once, whoever comes first among all processes; resolves with it.
 *
 * The rename makes it right: a folder is there as a whole or not at all, also when two fill it at once or one dies meanwhile.
 * The lock only saves the second one the work, so that stealing a stale one needs no care.
 */
export async function filledOnce(folder: string, fill: (folder: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  return locked(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder;
    const draft = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
    try {
      await fill(draft);
      moveInto(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    return folder;
  });
}
