import { isObservable, type Observable } from 'rxjs';
import { text, type Check } from './checks.ts';
import type { Fields } from './fields.ts';
import { Report } from './report.ts';
import type { TopicSelection } from './types.ts';

/** Kafka's rule for the names of topics. */
export const topicName: Check<string> = {
  allowed: "the name of a topic: 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-', and not '.' or '..'",
  accepts: (value): value is string => text.accepts(value) && /^[a-zA-Z0-9._-]{1,249}$/.test(value) && value !== '.' && value !== '..',
};

/** A selection taken apart: names, each once, patterns, or selections to come. */
export interface Selected {
  readonly topics: readonly string[];
  readonly patterns?: readonly RegExp[];
  readonly selections?: Observable<TopicSelection>;
}

/** Reads `topics`. */
export function readTopics(fields: Fields, report: Report): Selected {
  const given = fields.raw('topics');
  if (isSelections(given)) return { topics: [], selections: given };
  if (given === undefined) {
    fields.refuse('topics', 'groupId and topics, or partitions');
    return { topics: [] };
  }
  return selected(given, report);
}

/** Reads one selection of an Observable of them; an empty array selects nothing for now. Throws OptionsError with every mistake in it. */
export function readSelection(given: unknown): Selected {
  if (Array.isArray(given) && given.length === 0) return { topics: [] };
  const report = new Report();
  const read = selected(given, report);
  report.close();
  return read;
}

function selected(given: unknown, report: Report): Selected {
  const place = (index: number): string => (Array.isArray(given) ? `topics[${String(index)}]` : 'topics');
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length === 0) report.refuse('topics', given, 'at least one topic');
  const names = new Set<string>();
  const patterns: RegExp[] = [];
  all.forEach((one, index) => {
    if (one instanceof RegExp) {
      if (one.global || one.sticky)
        report.refuse(place(index), String(one), 'a RegExp without the flags g and y: they make a test depend on the one before');
      else patterns.push(one);
    } else if (topicName.accepts(one)) names.add(one);
    else report.refuse(place(index), one, `${topicName.allowed}; or a RegExp`);
  });
  return { topics: Object.freeze([...names]), ...(patterns.length > 0 && { patterns: Object.freeze(patterns) }) };
}

function isSelections(value: unknown): value is Observable<TopicSelection> {
  return isObservable(value);
}
