import { apiVersionsApi } from '../../protocol/apis/apiVersions.ts';
import { readRequestHeader } from '../../protocol/header.ts';
import { Reader } from '../../protocol/reader.ts';
import type { VersionRange } from '../../protocol/versions.ts';
import type { Served } from '../model/call.ts';
import type { ClusterModel } from '../model/clusterModel.ts';
import { services } from '../model/services.ts';
import { inNames } from './inNames.ts';

export interface Request {
  readonly served: Served;
  readonly version: number;
  /** The version of the answer. */
  readonly answeredIn: number;
  readonly correlationId: number;
  readonly clientId: string;
  readonly message: unknown;
  /** The same in the words of names. */
  readonly meant: unknown;
  /** Of its frame. */
  readonly bytes: number;
}

interface Place {
  readonly cluster: ClusterModel;
  readonly versions: ReadonlyMap<number, VersionRange>;
}

/** A request as it came; undefined: it is of no version that this broker speaks, and hangs up. */
export function readRequest(frame: Buffer, node: number, { cluster, versions }: Place): Request | undefined {
  const reader = new Reader(frame);
  const header = readRequestHeader(reader, (key, version) => version >= (services.get(key)?.api.flexible ?? Infinity));
  const served = services.get(header.requestApiKey);
  const range = versions.get(header.requestApiKey);
  const version = header.requestApiVersion;
  if (served === undefined || range === undefined || version < range[0]) return undefined;
  const common = {
    served,
    version,
    answeredIn: version,
    correlationId: header.correlationId,
    clientId: header.clientId ?? '',
    bytes: frame.length,
  };
  if (version <= range[1]) {
    const message = served.api.request.read(reader, version);
    return { ...common, message, meant: inNames(cluster, node, served.api.name, message) };
  }
  // Nobody knows the layout of what is not known yet, and everybody that of version 0: so a client hears what it may ask (KIP-511).
  const message = { clientSoftwareName: '', clientSoftwareVersion: '' };
  return header.requestApiKey === apiVersionsApi.key ? { ...common, answeredIn: 0, message, meant: message } : undefined;
}
