import { integer, number } from './checks.ts';
import { Fields } from './fields.ts';
import type { Report } from './report.ts';
import { isRecord } from './shapes.ts';
import type { StartFrom, StartPosition } from '../model/startPosition.ts';

/** An offset, or ms since the epoch: negative ones have meanings of their own on the wire. */
const natural = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const places = { offset: natural, timestamp: natural, ago: number({ min: 0, max: Number.MAX_SAFE_INTEGER }) };

/** A start position; undefined if it is absent or refused. */
export function readPosition(value: unknown, path: string, report: Report): StartPosition | undefined {
  if (value === undefined || value === 'earliest' || value === 'latest') return value;
  const names = isRecord(value) ? (['offset', 'timestamp', 'ago'] as const).filter((name) => value[name] !== undefined) : [];
  const [name] = names;
  if (name === undefined || names.length > 1) {
    report.refuse(path, value, "'earliest', 'latest', or one of { offset }, { timestamp }, { ago }");
    return undefined;
  }
  const fields = new Fields(value, path, report);
  const place = fields.value(name, places[name], 0);
  fields.close();
  if (name === 'offset') return { offset: place };
  return name === 'timestamp' ? { timestamp: place } : { ago: place };
}

/** A start position, or a function that looks one up: what it finds is checked when it is called. */
export function readStartFrom(value: unknown, path: string, report: Report): StartFrom | undefined {
  return isLookUp(value) ? value : readPosition(value, path, report);
}

export function readStopAt(value: unknown, path: string, report: Report): 'end' | { readonly timestamp: number } | undefined {
  if (value === undefined || value === 'end') return value;
  if (!isRecord(value)) {
    report.refuse(path, value, "'end' or { timestamp }");
    return undefined;
  }
  const fields = new Fields(value, path, report);
  const timestamp = fields.required('timestamp', natural) ?? 0;
  fields.close();
  return { timestamp };
}

function isLookUp(value: unknown): value is Extract<StartFrom, (...parameters: never) => unknown> {
  return typeof value === 'function';
}
