import type { Check } from './checks.ts';
import type { Report } from './report.ts';
import { isRecord } from './shapes.ts';
import { suggest } from './suggest.ts';

/** One object of options, read field by field. What was never asked for is unknown. `undefined` is as good as absent. */
export class Fields {
  readonly #given: Readonly<Record<PropertyKey, unknown>>;
  readonly #path: string;
  readonly #report: Report;
  readonly #known: string[] = [];

  constructor(given: unknown, path: string, report: Report) {
    this.#path = path;
    this.#report = report;
    const usable = isRecord(given) && !Array.isArray(given);
    if (!usable && given !== undefined) report.refuse(path, given, 'an object');
    this.#given = usable ? given : {};
  }

  /** The field as it is given. */
  raw(name: string): unknown {
    this.#known.push(this.pathOf(name));
    return this.#given[name];
  }

  has(name: string): boolean {
    return this.#given[name] !== undefined;
  }

  optional<T>(name: string, check: Check<T>): T | undefined {
    const value = this.raw(name);
    if (value === undefined || check.accepts(value)) return value;
    this.refuse(name, check.allowed);
    return undefined;
  }

  value<T>(name: string, check: Check<T>, otherwise: T): T {
    return this.optional(name, check) ?? otherwise;
  }

  required<T>(name: string, check: Check<T>): T | undefined {
    if (!this.has(name)) this.refuse(name, check.allowed);
    return this.optional(name, check);
  }

  /** An object in it, read by `read`; as if it were empty where there is none. */
  nested<T>(name: string, read: (fields: Fields) => T): T {
    const fields = new Fields(this.raw(name), this.pathOf(name), this.#report);
    const result = read(fields);
    fields.close();
    this.#known.push(...fields.#known);
    return result;
  }

  refuse(name: string, allowed: string): void {
    this.#report.refuse(this.pathOf(name), this.#given[name], allowed);
  }

  /** Refuses what was never asked for. */
  close(): void {
    for (const name of Object.keys(this.#given)) {
      const path = this.pathOf(name);
      if (!this.#known.includes(path) && this.#given[name] !== undefined) {
        this.#report.unknown(path, this.#given[name], suggest(name, this.#known));
      }
    }
  }

  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
