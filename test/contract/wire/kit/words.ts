const WIDTH = 180;
const STEP = '  ';

/** A word that stands in a transcript without quotes. */
export class Word {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value as text: on one line where it fits, else an item a line. */
export function inWords(value: unknown, indent = ''): string {
  const flat = onOneLine(value);
  if (indent.length + flat.length <= WIDTH || typeof value !== 'object' || value === null) return flat;
  const inner = indent + STEP;
  const lines = Array.isArray(value)
    ? value.map((item) => inner + inWords(item, inner))
    : Object.entries(value).map(([name, item]) => `${inner}${name}: ${inWords(item, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return [open, ...lines, indent + close].join('\n');
}

function onOneLine(value: unknown): string {
  if (value instanceof Word) return value.text;
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, item]) => `${name}: ${onOneLine(item)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
