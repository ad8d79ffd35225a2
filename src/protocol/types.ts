import { MalformedError } from './MalformedError.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What decides how a type stands on the wire: the version of the message, and whether it is a flexible one (KIP-482). */
export interface Layout {
  readonly version: number;
  readonly flexible: boolean;
}

/** A type of Kafka's protocol language, in both directions. */
export interface Type<T> {
  /** Kafka's default: what a message has where its version lacks the field. */
  readonly initial: T;
  read(reader: Reader, layout: Layout): T;
  write(writer: Writer, value: T, layout: Layout): void;
}

/** A type that begins with its length, which may therefore be null. */
export interface SizedType<T> extends Type<T> {
  /** The length of the value that follows; -1 for null. */
  readLength(reader: Reader, layout: Layout): number;
  writeLength(writer: Writer, length: number, layout: Layout): void;
  readBody(reader: Reader, length: number, layout: Layout): T;
}

export const bool: Type<boolean> = { initial: false, read: (reader) => reader.bool(), write: (writer, value) => writer.bool(value) };
export const int8: Type<number> = { initial: 0, read: (reader) => reader.int8(), write: (writer, value) => writer.int8(value) };
export const int16: Type<number> = { initial: 0, read: (reader) => reader.int16(), write: (writer, value) => writer.int16(value) };
export const int32: Type<number> = { initial: 0, read: (reader) => reader.int32(), write: (writer, value) => writer.int32(value) };
export const int64: Type<number> = { initial: 0, read: (reader) => reader.int64(), write: (writer, value) => writer.int64(value) };

/** The id of no topic. */
const NO_UUID = '0'.repeat(32);
export const uuid: Type<string> = { initial: NO_UUID, read: (reader) => reader.uuid(), write: (writer, value) => writer.uuid(value) };

function short(flexible: boolean, reader: Reader): number {
  return flexible ? reader.uvarint() - 1 : reader.int16();
}

function long(flexible: boolean, reader: Reader): number {
  return flexible ? reader.uvarint() - 1 : reader.int32();
}

function sized<T>(of: Omit<SizedType<T>, 'read'>): SizedType<T> {
  return {
    ...of,
    read: (reader, layout) => {
      const length = of.readLength(reader, layout);
      if (length < 0) throw new MalformedError(`a length of ${String(length)} before byte ${String(reader.position)}`);
      return of.readBody(reader, length, layout);
    },
  };
}

/** UTF-8. At most 32767 bytes. */
export const string: SizedType<string> = sized({
  initial: '',
  readLength: (reader, { flexible }) => short(flexible, reader),
  writeLength: (writer, length, { flexible }) => (flexible ? writer.uvarint(length + 1) : writer.int16(length)),
  readBody: (reader, length) => reader.utf8(length),
  write(writer, value, layout) {
    const encoded = Buffer.from(value, 'utf8');
    if (encoded.length > 0x7fff) throw new RangeError(`a string of ${String(encoded.length)} bytes; Kafka allows 32767`);
    this.writeLength(writer, encoded.length, layout);
    writer.bytes(encoded);
  },
});

/** Read as a view of the response. */
export const bytes: SizedType<Buffer> = sized({
  initial: Buffer.alloc(0),
  readLength: (reader, { flexible }) => long(flexible, reader),
  writeLength: (writer, length, { flexible }) => (flexible ? writer.uvarint(length + 1) : writer.int32(length)),
  readBody: (reader, length) => reader.bytes(length),
  write(writer, value, layout) {
    this.writeLength(writer, value.length, layout);
    writer.bytes(value);
  },
});

export function array<T>(element: Type<T>): SizedType<readonly T[]> {
  return sized<readonly T[]>({
    initial: [],
    readLength: (reader, { flexible }) => long(flexible, reader),
    writeLength: (writer, length, { flexible }) => (flexible ? writer.uvarint(length + 1) : writer.int32(length)),
    readBody(reader, length, layout) {
      // No element is shorter than a byte. The array grows as elements come, so that a length which lies allocates nothing.
      if (length > reader.remaining) throw new MalformedError(`an array of ${String(length)} in ${String(reader.remaining)} bytes`);
      const values: T[] = [];
      for (let i = 0; i < length; i++) values.push(element.read(reader, layout));
      return values;
    },
    write(writer, values, layout) {
      this.writeLength(writer, values.length, layout);
      for (const value of values) element.write(writer, value, layout);
    },
  });
}

/** The same or null, from a version on. A null in an earlier version throws, in both directions. */
export function nullable<T>(type: SizedType<T>, since = 0): Type<T | null> {
  return {
    initial: type.initial,
    read: (reader, layout) => {
      if (layout.version < since) return type.read(reader, layout);
      const length = type.readLength(reader, layout);
      if (length < -1) throw new MalformedError(`a length of ${String(length)} before byte ${String(reader.position)}`);
      return length === -1 ? null : type.readBody(reader, length, layout);
    },
    write: (writer, value, layout) => {
      if (value !== null) type.write(writer, value, layout);
      else if (layout.version >= since) type.writeLength(writer, -1, layout);
      else throw new RangeError(`null in version ${String(layout.version)}, which has it from ${String(since)} on`);
    },
  };
}
