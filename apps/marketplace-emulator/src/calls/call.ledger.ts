import type { Surface } from '../faults/route/route.names';
import { limits } from '../limits';
import { RingBuffer } from '../state/ring.buffer';
import type { Clock } from '../time/clock';
import type { Delivery } from '../webhook/delivery/delivery';

/** One call in either direction. It holds no token, no body and no query that could hold one. */
export interface Call {
  at: string;
  /** `inbound`: the publisher called us. `outbound`: we called its webhook. */
  direction: 'inbound' | 'outbound';
  surface: Surface | 'trap';
  method: string;
  /** Path with its query, tokens left out. */
  path: string;
  /** Null: no answer came. */
  status: number | null;
  tookMs: number;
  requestId: string | null;
  correlationId: string | null;
  subscriptionId: string | null;
  operationId: string | null;
  /** The fault rule that was applied to it, for `GET /control/faults/{id}`; null: what was answered is the emulator's own. */
  faultId: string | null;
  /** As of when a fault had it answered, on the emulator's clock; missing: from what there was. */
  readAsOf?: string;
  /** Paths of the members that a fault has left out of the answer. */
  leftOut?: string[];
}

/** Query parameters that may be shown; the values of all others are replaced. */
const harmlessParameters = new Set(['api-version', 'planid', 'usagestartdate', 'usageenddate', 'dimension', 'reconstatus']);

/** The newest calls of both directions, for `GET /control/calls`. */
export class CallLedger {
  readonly calls = new RingBuffer<Call>(limits.keptCalls);

  constructor(private readonly clock: Clock) {}

  record(call: Omit<Call, 'at'>): void {
    this.calls.add({ at: this.clock.timeStamp(), ...call, path: withoutSecrets(call.path) });
  }

  recordDelivery(delivery: Delivery, path: string): void {
    this.calls.add({
      at: delivery.sentAt,
      direction: 'outbound',
      surface: 'webhook',
      method: 'POST',
      path,
      status: delivery.answer?.status ?? null,
      tookMs: delivery.tookMs,
      requestId: delivery.requestId,
      correlationId: delivery.correlationId,
      subscriptionId: delivery.subscriptionId,
      operationId: delivery.operationId,
      faultId: delivery.faultId ?? null,
    });
  }
}

function withoutSecrets(path: string): string {
  const [pathname, query] = path.split('?', 2);
  if (!query) return pathname as string;
  const shown = [...new URLSearchParams(query)].map(
    ([name, value]) => `${name}=${harmlessParameters.has(name.toLowerCase()) ? value : '…'}`,
  );
  return `${pathname}?${shown.join('&')}`;
}
