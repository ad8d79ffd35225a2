import { OptionsError, type OptionsIssue } from '../errors/index.ts';

/** Collects what is wrong, so that every mistake is told at once. */
export class Report {
  readonly #issues: OptionsIssue[] = [];

  refuse(path: string, given: unknown, allowed: string, suggestion?: string): void {
    const issue = { path, given: shown(given), allowed };
    this.#issues.push(suggestion === undefined ? issue : { ...issue, suggestion });
  }

  /** An option that there is not. Where it is like none of ours, what it holds was meant for somebody else and may be a secret: only its kind is told. */
  unknown(path: string, given: unknown, suggestion?: string): void {
    this.refuse(path, typeof given === 'string' && suggestion === undefined ? '[a string]' : given, 'no such option', suggestion);
  }

  /** Throws OptionsError if anything was refused. */
  close(): void {
    if (this.#issues.length === 0) return;
    throw new OptionsError(['these options cannot be used:', ...this.#issues.map(line)].join('\n  '), this.#issues);
  }
}

function line({ path, given, allowed, suggestion }: OptionsIssue): string {
  const value = typeof given === 'string' && !given.startsWith('[') ? JSON.stringify(given) : String(given);
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
  return `${path === '' ? 'all of them' : path}: ${value}; allowed: ${allowed}.${hint}`;
}

/** A short form that gives nothing away: primitives as they are, of everything else the kind only. */
function shown(given: unknown): unknown {
  if (typeof given === 'string') return given.length > 60 ? `${given.slice(0, 60)}…` : given;
  if (typeof given === 'function') return '[a function]';
  if (Array.isArray(given)) return given.length === 0 ? '[an empty array]' : `[an array of ${String(given.length)}]`;
  if (typeof given === 'object' && given !== null) return `[${nameOf(given)}]`;
  return given;
}

function nameOf(given: object): string {
  const { constructor } = given;
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'an object';
}
