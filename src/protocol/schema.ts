import type { Api, Schema } from './api.ts';
import type { Reader } from './reader.ts';
import type { Layout, Type } from './types.ts';
import { Writer } from './writer.ts';

/** A field of a struct: its type, the versions that have it, and what stands for it in the others. */
export interface Field<T> {
  readonly type: Type<T>;
  readonly initial: T;
  readonly min: number;
  readonly max: number;
  /** undefined: an ordinary field. */
  readonly tag: number | undefined;
}

/** A field that every version from `min` on has. */
export function since<T>(min: number, type: Type<T>, initial: NoInfer<T> = type.initial): Field<T> {
  return { type, initial, min, max: Infinity, tag: undefined };
}

/** A field that only the versions `min` to `max` have. */
export function between<T>(min: number, max: number, type: Type<T>, initial: NoInfer<T> = type.initial): Field<T> {
  return { type, initial, min, max, tag: undefined };
}

/** A tagged field (KIP-482): it is not written where it equals its default, and read in any place of the tagged section. */
export function tagged<T>(tag: number, min: number, type: Type<T>, initial: NoInfer<T> = type.initial): Field<T> {
  return { type, initial, min, max: Infinity, tag };
}

export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };
type Named<T> = { readonly [K in keyof T & string]: { readonly name: K; readonly field: Field<T[K]> } }[keyof T & string];

/** Fields one after another, in the order in which they are listed; in flexible versions the tagged ones follow. */
export function struct<T extends object>(fields: Fields<T>): Type<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  const all = names.map((name): Named<T> => ({ name, field: fields[name] }));
  const plain = all.filter(({ field }) => field.tag === undefined);
  const tags = all.filter(({ field }) => field.tag !== undefined).sort((a, b) => (a.field.tag ?? 0) - (b.field.tag ?? 0));
  const initial: Partial<T> = {};
  for (const { name, field } of all) initial[name] = field.initial;
  return {
    initial: initial as T,
    read: (reader, layout) => {
      const value: Partial<T> = {};
      for (const { name, field } of plain) value[name] = has(field, layout) ? field.type.read(reader, layout) : field.initial;
      for (const { name, field } of tags) value[name] = field.initial;
      if (layout.flexible) readTags(reader, value, tags, layout);
      return value as T;
    },
    write: (writer, value, layout) => {
      for (const { name, field } of plain) if (has(field, layout)) field.type.write(writer, value[name], layout);
      if (layout.flexible) writeTags(writer, value, tags, layout);
    },
  };
}

/** The same without tagged fields, and without the section that they would be in: a stretch of a longer struct. */
export function stretch<T extends object>(fields: Fields<T>): Type<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  const all = names.map((name): Named<T> => ({ name, field: fields[name] }));
  const initial: Partial<T> = {};
  for (const { name, field } of all) initial[name] = field.initial;
  return {
    initial: initial as T,
    read: (reader, layout) => {
      const value: Partial<T> = {};
      for (const { name, field } of all) value[name] = has(field, layout) ? field.type.read(reader, layout) : field.initial;
      return value as T;
    },
    write: (writer, value, layout) => {
      for (const { name, field } of all) if (has(field, layout)) field.type.write(writer, value[name], layout);
    },
  };
}

function has({ min, max }: Field<unknown>, { version }: Layout): boolean {
  return version >= min && version <= max;
}

function readTags<T extends object>(reader: Reader, value: Partial<T>, tags: readonly Named<T>[], layout: Layout): void {
  reader.tags((tag, part) => {
    const known = tags.find(({ field }) => field.tag === tag && has(field, layout));
    if (known !== undefined) value[known.name] = known.field.type.read(part, layout);
  });
}

function writeTags<T extends object>(writer: Writer, value: T, tags: readonly Named<T>[], layout: Layout): void {
  const present = tags.filter(({ name, field }) => has(field, layout) && !same(value[name], field.initial));
  writer.uvarint(present.length);
  for (const { name, field } of present) {
    const part = new Writer();
    field.type.write(part, value[name], layout);
    writer.uvarint(field.tag ?? 0);
    writer.uvarint(part.length);
    writer.bytes(part.finish());
  }
}

/** Whether two values of one type are equal, however deep. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const left = Object.entries(a);
  const right = new Map<string, unknown>(Object.entries(b));
  return left.length === right.size && left.every(([name, value]) => same(value, right.get(name)));
}

/** A message whose versions from `flexible` on are flexible ones. */
export function message<T>(flexible: number, type: Type<T>): Schema<T> {
  const layout = (version: number): Layout => ({ version, flexible: version >= flexible });
  return {
    read: (reader, version) => type.read(reader, layout(version)),
    write: (writer, value, version) => {
      type.write(writer, value, layout(version));
    },
  };
}

/** An API out of the types of its two messages. */
export function api<Q, R>(
  of: Omit<Api<Q, R>, 'request' | 'response'> & { readonly request: Type<Q>; readonly response: Type<R> },
): Api<Q, R> {
  return { ...of, request: message(of.flexible, of.request), response: message(of.flexible, of.response) };
}
