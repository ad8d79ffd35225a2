import { Subscription, type SchedulerLike } from 'rxjs';
import { encodeResponse } from '../../protocol/header.ts';
import type { VersionRange } from '../../protocol/versions.ts';
import { FrameCollector } from '../../transport/framing.ts';
import type { Fault } from '../fault.ts';
import type { ClusterModel } from '../model/clusterModel.ts';
import type { Reply } from '../model/reply.ts';
import type { Traffic } from '../traffic.ts';
import { isKind, refusalOf, type Faults } from './faults.ts';
import { inNames } from './inNames.ts';
import type { Parked, Parking } from './parking.ts';
import { piecesOf, type Piece } from './pieces.ts';
import { readRequest, type Request } from './readRequest.ts';
import { VirtualSocket, type Peer } from './virtualSocket.ts';

/** What a connection needs of the cluster that it leads to. */
export interface Site {
  readonly cluster: ClusterModel;
  readonly scheduler: SchedulerLike;
  readonly versions: ReadonlyMap<number, VersionRange>;
  readonly faults: Faults;
  readonly parking: Parking;
  /** Ms that an answer is on its way. */
  readonly latency: () => number;
  readonly isFrozen: (node: number) => boolean;
  readonly tell: (traffic: Omit<Traffic, 'at'>) => void;
}

/** One connection, as its broker sees it: one request is served after another, each when the answer to the one before is on its way. */
export class BrokerConnection implements Peer {
  readonly socket: VirtualSocket = new VirtualSocket(this);
  readonly node: number;
  readonly id: number;
  private readonly site: Site;
  private readonly frames = new FrameCollector();
  private readonly queue: Request[] = [];
  private readonly onItsWay = new Subscription();
  private parked: Parked | undefined;
  private serving: (Request & { fault: Fault | undefined }) | undefined;
  private open = true;

  constructor(site: Site, node: number, id: number) {
    this.site = site;
    this.node = node;
    this.id = id;
  }

  readonly received = (bytes: Buffer): void => {
    this.frames.push(bytes, (frame) => {
      const request = readRequest(frame, this.node, this.site);
      if (request === undefined) this.hangUp();
      else this.accept(request);
    });
  };

  readonly closed = (): void => {
    this.end();
    this.tell({ kind: 'disconnect', api: 'Disconnect', version: -1, message: undefined });
  };

  /** The broker closes it. */
  hangUp(): void {
    if (!this.open) return;
    this.end();
    this.socket.hangUp();
  }

  /** Goes on with what has come; see `Site.isFrozen`. */
  proceed(): void {
    if (!this.open || this.serving !== undefined || this.site.isFrozen(this.node)) return;
    const request = this.queue.shift();
    if (request !== undefined) this.serve(request);
  }

  /** An error of a partition that was injected just now ends a fetch that waits at that partition, as any error does. */
  struck(injected: Fault): void {
    const { parked, serving } = this;
    if (parked === undefined || serving?.served.api.name !== 'Fetch') return;
    const fault = this.site.faults.strikeWith(injected, { api: 'Fetch', node: this.node, request: serving.meant });
    if (fault === undefined) return;
    this.site.parking.leave(parked);
    this.parked = undefined;
    serving.fault = fault;
    this.settle(serving, this.handle(serving));
  }

  private accept(request: Request): void {
    const { served, version, meant, message, bytes } = request;
    this.tell({ kind: 'request', api: served.api.name, version, message: meant, bytes, sent: message });
    this.queue.push(request);
    this.proceed();
  }

  private serve(request: Request): void {
    const serving = { ...request, fault: this.strike(request) };
    this.serving = serving;
    const { fault } = serving;
    if (isKind(fault, 'reset') && fault.when === 'before') this.send([{ after: this.site.latency(), kind: 'end' }]);
    else this.settle(serving, this.handle(serving));
  }

  private strike({ served, meant }: Request): Fault | undefined {
    return this.site.faults.strike({ api: served.api.name, node: this.node, request: meant });
  }

  private handle({ served, version, clientId, message, fault }: Request & { readonly fault: Fault | undefined }): Reply<unknown> {
    const { cluster, scheduler } = this.site;
    const now = scheduler.now();
    cluster.tick(now);
    const refusal = refusalOf(isKind(fault, 'error') ? fault : undefined);
    return served.service({ cluster, node: this.node, version, request: message, now, clientId, refusal });
  }

  private settle(serving: Request & { readonly fault: Fault | undefined }, reply: Reply<unknown>): void {
    switch (reply.kind) {
      case 'now':
        this.answer(serving, reply.response);
        break;
      case 'later':
        this.park(serving, reply);
        break;
      case 'never':
        break;
      case 'close':
        this.send([{ after: this.site.latency(), kind: 'end' }]);
        break;
      default:
        reply satisfies never;
    }
    this.site.parking.look();
  }

  private park(
    serving: Request & { readonly fault: Fault | undefined },
    { until, ready }: Reply<unknown> & { readonly kind: 'later' },
  ): void {
    const isFrozen = (): boolean => this.site.isFrozen(this.node);
    const parked: Parked = {
      // Who is frozen does not notice the time.
      get until() {
        return isFrozen() ? Infinity : until;
      },
      look: (now) => {
        if (isFrozen()) return false;
        const response = ready(now);
        if (response === undefined) return false;
        this.parked = undefined;
        this.answer(serving, response);
        return true;
      },
    };
    this.parked = parked;
    this.site.parking.park(parked);
  }

  private answer(
    { served: { api }, version, answeredIn, correlationId, meant, fault }: Request & { readonly fault: Fault | undefined },
    response: unknown,
  ): void {
    if (isKind(fault, 'noAnswer')) return;
    if (response === undefined) {
      this.done();
      return;
    }
    const throttled = isKind(fault, 'throttle') ? throttledAnswer(api.name, response as object, fault.delay) : response;
    const frame = encodeResponse(api, answeredIn, correlationId, throttled);
    const message = inNames(this.site.cluster, this.node, api.name, throttled);
    this.send(piecesOf(frame, this.site.latency(), fault), () =>
      this.tell({ kind: 'answer', api: api.name, version, message, bytes: frame.length, request: meant }),
    );
  }

  /** What is on its way arrives piece by piece. `arrives`: called before the first. */
  private send(pieces: readonly Piece[], arrives?: () => void): void {
    const [piece, ...rest] = pieces;
    if (piece === undefined) {
      this.done();
      return;
    }
    const way = this.site.scheduler.schedule(() => {
      if (!this.open) return;
      arrives?.();
      if (piece.kind === 'end') {
        this.hangUp();
        return;
      }
      if (piece.kind === 'bytes') this.socket.deliver(piece.bytes);
      this.send(rest);
    }, piece.after);
    this.onItsWay.add(way);
    way.add(() => this.onItsWay.remove(way));
  }

  private done(): void {
    this.serving = undefined;
    this.proceed();
  }

  private end(): void {
    this.open = false;
    this.queue.length = 0;
    this.onItsWay.unsubscribe();
    if (this.parked !== undefined) this.site.parking.leave(this.parked);
  }

  private tell(traffic: Omit<Traffic, 'at' | 'node' | 'connection'>): void {
    this.site.tell({ node: this.node, connection: this.id, ...traffic });
  }
}

/** A client that is throttled is given no records: it has to ask again (KIP-219). */
function throttledAnswer(api: string, response: object, delay: number): object {
  return { ...response, throttleTimeMs: delay, ...(api === 'Fetch' && { responses: [] }) };
}
