import fc from 'fast-check';

/** A field as Kafka's message definitions describe it. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly default?: string | number;
  readonly fields?: readonly FieldDefinition[];
}

/** A message as Kafka's message definitions describe it. */
export interface Definition {
  readonly name: string;
  readonly apiKey?: number;
  readonly validVersions: string;
  readonly flexibleVersions: string;
  readonly fields: readonly FieldDefinition[];
  /** Structs that several fields have. */
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly FieldDefinition[] }[];
}

const topicId: FieldDefinition = { name: 'TopicId', type: 'uuid', versions: '10+', default: '0' };

/** Topics of an OffsetFetch of one group (until version 7) have no id, and ours are those of many groups, which have one: it is never written. */
export function withTopicId(definition: Definition): Definition {
  if (!definition.name.startsWith('OffsetFetchRe')) return definition;
  const fields = definition.fields.map((field) =>
    field.name === 'Topics' ? { ...field, fields: [...(field.fields ?? []), topicId] } : field,
  );
  return { ...definition, fields };
}

/** The same with the common structs in the places where they are meant. */
export function withCommon(definition: Definition): Definition {
  const common = new Map(definition.commonStructs?.map(({ name, fields }) => [name, fields]));
  const whole = (fields: readonly FieldDefinition[]): readonly FieldDefinition[] =>
    fields.map((field) => {
      const inner = field.fields ?? common.get(field.type.replace('[]', ''));
      return inner === undefined ? field : { ...field, fields: whole(inner) };
    });
  return { ...definition, fields: whole(definition.fields) };
}

export type Value = Readonly<Record<string, unknown>>;

/** `4+`, `0-7`, `3`, `none` as numbers. */
export function rangeOf(versions: string): readonly [min: number, max: number] {
  const [, min = 'none', more, max] = /^(\d+)(\+)?(?:-(\d+))?$/.exec(versions) ?? [];
  if (min === 'none') return [Infinity, -Infinity];
  return [Number(min), more === '+' ? Infinity : Number(max ?? min)];
}

function includes(versions: string | undefined, version: number): boolean {
  const [min, max] = rangeOf(versions ?? 'none');
  return version >= min && version <= max;
}

/** Kafka's name of a field in JSON, which is ours. */
function nameOf(field: FieldDefinition): string {
  return field.name.charAt(0).toLowerCase() + field.name.slice(1);
}

/** The fields that versions up to `max` have, but for those named in `without`. */
export function fieldsUpTo(fields: readonly FieldDefinition[], max: number, without: readonly string[]): readonly FieldDefinition[] {
  return fields
    .filter(({ name, versions }) => rangeOf(versions)[0] <= max && !without.includes(name))
    .map((field) => (field.fields === undefined ? field : { ...field, fields: fieldsUpTo(field.fields, max, without) }));
}

const ofBits = (bits: number): fc.Arbitrary<number> => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const buffers = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

const primitives: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int8: ofBits(8),
  int16: ofBits(16),
  int32: ofBits(32),
  int64: fc.maxSafeInteger(),
  string: fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ minLength: 120, maxLength: 140 })),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  bytes: buffers,
  records: buffers,
};

/** Values of a struct. Fields that the version lacks have values too: they must not be written. */
export function valuesOf(fields: readonly FieldDefinition[], version: number): fc.Arbitrary<Value> {
  return fc.record(Object.fromEntries(fields.map((field) => [nameOf(field), valuesOfField(field, version)])));
}

function valuesOfField(field: FieldDefinition, version: number): fc.Arbitrary<unknown> {
  const plain = field.type.startsWith('[]')
    ? fc.array(valuesOfType(field.type.slice(2), field, version), { maxLength: 3 })
    : valuesOfType(field.type, field, version);
  // The default often: tagged fields are left out then.
  const initial = field.default === undefined ? null : defaultOf(field);
  const usual = initial === null ? plain : fc.oneof(plain, fc.constant(initial));
  return includes(field.nullableVersions, version) ? fc.option(usual, { freq: 3 }) : usual;
}

function valuesOfType(type: string, field: FieldDefinition, version: number): fc.Arbitrary<unknown> {
  const known = primitives[type];
  if (known !== undefined) return known;
  const some = valuesOf(field.fields ?? [], version);
  return field.taggedVersions === undefined ? some : fc.oneof(some, fc.constant(structDefault(field)));
}

/** What a message has where its version lacks the field. */
function defaultOf(field: FieldDefinition): unknown {
  if (field.default === 'null') return null;
  if (field.type.startsWith('[]')) return [];
  if (field.fields !== undefined) return structDefault(field);
  if (field.type === 'string') return field.default ?? '';
  if (field.type === 'bool') return field.default === 'true';
  if (field.type === 'uuid') return '0'.repeat(32);
  if (field.type === 'bytes' || field.type === 'records') return Buffer.alloc(0);
  return Number(field.default ?? 0);
}

function structDefault(field: FieldDefinition): Value {
  return Object.fromEntries((field.fields ?? []).map((inner) => [nameOf(inner), defaultOf(inner)]));
}

/** What is left of a value once it went through that version. */
export function through(fields: readonly FieldDefinition[], value: Value, version: number): Value {
  return Object.fromEntries(
    fields.map((field) => [
      nameOf(field),
      includes(field.versions, version) ? throughField(field, value[nameOf(field)], version) : defaultOf(field),
    ]),
  );
}

function throughField(field: FieldDefinition, value: unknown, version: number): unknown {
  const { fields } = field;
  if (fields === undefined || value === null) return value;
  return Array.isArray(value) ? value.map((one) => through(fields, one as Value, version)) : through(fields, value as Value, version);
}

/** The JSON that Kafka makes of a value: without what the version lacks, tagged fields at their default, and records (it leaves them out). */
export function asJson(fields: readonly FieldDefinition[], value: Value, version: number): Value {
  const present = fields.filter((field) => {
    if (!includes(field.versions, version) || field.type === 'records') return false;
    return !includes(field.taggedVersions, version) || JSON.stringify(value[nameOf(field)]) !== JSON.stringify(defaultOf(field));
  });
  return Object.fromEntries(present.map((field) => [nameOf(field), fieldAsJson(field, value[nameOf(field)], version)]));
}

function fieldAsJson(field: FieldDefinition, value: unknown, version: number): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => fieldAsJson(field, one, version));
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (field.type === 'uuid') return Buffer.from(String(value), 'hex').toString('base64url');
  if (field.fields !== undefined && value !== null) return asJson(field.fields, value as Value, version);
  return value;
}

/** The value once for each field that may be null in other versions and not in this one, with a null there. */
export function wrongNulls(fields: readonly FieldDefinition[], value: Value, version: number): readonly Value[] {
  return fields
    .filter(({ versions }) => includes(versions, version))
    .flatMap((field) => {
      const name = nameOf(field);
      const here = field.nullableVersions !== undefined && !includes(field.nullableVersions, version) ? [{ ...value, [name]: null }] : [];
      const inner: unknown = Array.isArray(value[name]) ? value[name][0] : undefined;
      if (field.fields === undefined || inner === undefined) return here;
      return [...here, ...wrongNulls(field.fields, inner as Value, version).map((one) => ({ ...value, [name]: [one] }))];
    });
}
