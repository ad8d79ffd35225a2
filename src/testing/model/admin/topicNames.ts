const MAX_LENGTH = 249;

/** Kafka's own topics. */
const INTERNAL: readonly string[] = ['__consumer_offsets', '__transaction_state', '__share_group_state'];

export function isInternal(name: string): boolean {
  return INTERNAL.includes(name);
}

/** Why Kafka takes no topic of that name; undefined: it does. */
export function whyInvalid(name: string): string | undefined {
  const why = reason(name);
  return why === undefined ? undefined : `Topic name is invalid: ${why}`;
}

function reason(name: string): string | undefined {
  if (name === '') return 'the empty string is not allowed';
  if (name === '.' || name === '..') return `'${name}' is not allowed`;
  if (name.length > MAX_LENGTH) return `the length of '${name}' is longer than the max allowed length ${MAX_LENGTH}`;
  if (/^[a-zA-Z0-9._-]+$/.test(name)) return undefined;
  return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
}

/** Another topic whose name is the same in metrics, where a dot becomes an underscore. */
export function collidingWith(name: string, others: Iterable<string>): string | undefined {
  const plain = unified(name);
  for (const other of others) if (unified(other) === plain && /[._]/.test(name)) return other;
  return undefined;
}

function unified(name: string): string {
  return name.replaceAll('.', '_');
}
