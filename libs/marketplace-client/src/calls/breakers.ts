import { MarketplaceError, MarketplaceUnavailable } from '../marketplace.errors';
import { BREAKER_PROBE_MS } from '../marketplace.limits';
import type { BreakerChange } from '../marketplace.options';
import { Breaker, type Permit, type Shown } from './breaker';

/** Whether Microsoft answers at all, for callers who would rather wait than fail. */
export interface BreakerState {
  /** True while calls are refused without being sent. It turns false by itself, so that somebody tries again. */
  readonly isOpen: boolean;
  readonly state: 'closed' | 'open' | 'half-open';
  /** Milliseconds until the next call is let through; 0 when it is not open. */
  readonly opensAgainInMs: number;
  /** What is not asked now: `GET /saas/subscriptions`, or `connection` where nothing is. */
  readonly endpoints: readonly string[];
}

/** Of what cannot be reached, or does not sign us in, no endpoint answers. */
export const CONNECTION = 'connection';

const now = () => performance.now();

/**
 * A breaker for each endpoint, and one for the way to all of them (to a second address another one): an endpoint that fails or is slow keeps no other from being asked. What Microsoft
 * answers, a refusal or a 429 as well, shows that it is there: it counts as an answer.
 */
export class Breakers {
  private readonly breakers = new Map<string, Breaker>();

  constructor(private readonly changed: (change: BreakerChange) => void = () => undefined) {}

  get state(): BreakerState {
    const notClosed = [...this.breakers].filter(([, { state }]) => state !== 'closed');
    const opensAgainInMs = Math.max(0, ...notClosed.map(([, breaker]) => breaker.opensAgainInMs));
    const state = notClosed.length === 0 ? 'closed' : opensAgainInMs > 0 ? 'open' : 'half-open';
    return { isOpen: state === 'open', state, opensAgainInMs, endpoints: notClosed.map(([endpoint]) => endpoint) };
  }

  /** In how many milliseconds a call of that endpoint may be made; null where it may now. */
  restsMs(endpoint: string, way = CONNECTION): number | null {
    const closed = [this.of(way), this.of(endpoint)].filter(({ letsThrough }) => !letsThrough);
    return closed.length === 0 ? null : Math.max(BREAKER_PROBE_MS, ...closed.map(({ opensAgainInMs }) => opensAgainInMs));
  }

  /** Makes a call where both breakers let it through, and tells them how it ended. */
  async around<T>(endpoint: string, attempt: () => Promise<T>, refuse: (afterMs: number) => Error, way = CONNECTION): Promise<T> {
    const connection = this.of(way).enter();
    const own = connection && this.of(endpoint).enter();
    if (!connection || !own) {
      connection?.ended('nothing');
      throw refuse(this.restsMs(endpoint, way) ?? BREAKER_PROBE_MS);
    }
    try {
      const answer = await attempt();
      tell(connection, own, { connection: 'answer', own: 'answer' });
      return answer;
    } catch (error) {
      tell(connection, own, shownBy(error));
      throw error;
    }
  }

  private of(endpoint: string): Breaker {
    const known = this.breakers.get(endpoint);
    if (known) return known;
    const breaker = new Breaker(now, (isOpen) => this.changed({ endpoint, isOpen }));
    this.breakers.set(endpoint, breaker);
    return breaker;
  }
}

interface ShownOf {
  readonly connection: Shown;
  readonly own: Shown;
}

function tell(connection: Permit, own: Permit, shown: ShownOf): void {
  connection.ended(shown.connection);
  own.ended(shown.own);
}

function shownBy(error: unknown): ShownOf {
  if (error instanceof MarketplaceUnavailable) {
    if (error.status !== null) return error.isOutage ? { connection: 'answer', own: 'outage' } : { connection: 'answer', own: 'answer' };
    if (!error.isOutage) return { connection: 'nothing', own: 'nothing' }; // never sent: our own queue
    const isWay = error.reason === 'sign-in' || (error.reason === 'network' && !error.outcomeUnknown);
    return isWay ? { connection: 'outage', own: 'nothing' } : { connection: 'nothing', own: 'outage' };
  }
  const isAnswer = error instanceof MarketplaceError && error.status !== null && error.call !== null;
  return isAnswer ? { connection: 'answer', own: 'answer' } : { connection: 'nothing', own: 'nothing' };
}
