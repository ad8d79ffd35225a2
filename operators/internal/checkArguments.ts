import { OptionsError, type OptionsIssue } from '../../src/errors/index.ts';

/** Throws OptionsError for what would otherwise fail late, or stand still without a word. */
export function checkArguments(handler: unknown, options: { readonly concurrency?: unknown; readonly restart?: unknown }): void {
  const { concurrency, restart } = options;
  const issues: OptionsIssue[] = [];
  const refuse = (path: string, given: unknown, allowed: string): void => {
    issues.push({ path, given: typeof given === 'number' ? given : typeof given, allowed });
  };
  if (typeof handler !== 'function') refuse('handler', handler, 'a function');
  if (concurrency !== undefined && concurrency !== Infinity && !(Number.isInteger(concurrency) && Number(concurrency) >= 1)) {
    refuse('concurrency', concurrency, 'an integer of at least 1, or Infinity');
  }
  if (restart !== undefined && typeof restart !== 'function') refuse('restart', restart, 'a function');
  if (issues.length === 0) return;
  const lines = issues.map(({ path, given, allowed }) => `${path} is ${String(given)}; allowed: ${allowed}`);
  throw new OptionsError(lines.join('. '), issues);
}
