/** Gives a place back; more than once is as good as once. */
export type Release = () => void;

interface Places {
  running: number;
  /** What starts the next call, in the order in which they came. */
  readonly waiting: Set<() => void>;
}

/**
 * Lets so many calls to one host run, and so many wait for their turn: a product that is slow must not fill our memory, nor hold up calls to others. undici has a
 * queue of its own without a bound, in which an aborted request stays until its turn comes; with this before it nothing is ever queued there.
 */
export class Bulkhead {
  private readonly hosts = new Map<string, Places>();

  constructor(private readonly limits: { readonly running: number; readonly waiting: number }) {}

  /**
   * A place for a call, at once or in its turn. The promise fails with the signal's reason.
   * @returns undefined where as many wait already as may
   */
  enter(host: string, signal: AbortSignal): Promise<Release> | undefined {
    const places = this.hosts.get(host) ?? { running: 0, waiting: new Set() };
    if (places.running < this.limits.running) {
      this.hosts.set(host, places);
      places.running += 1;
      return Promise.resolve(this.releaseOf(host, places));
    }
    return places.waiting.size < this.limits.waiting ? this.turn(host, places, signal) : undefined;
  }

  private turn(host: string, places: Places, signal: AbortSignal): Promise<Release> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        places.waiting.delete(start);
        reject(signal.reason as Error);
      };
      const start = () => {
        signal.removeEventListener('abort', giveUp);
        resolve(this.releaseOf(host, places));
      };
      signal.addEventListener('abort', giveUp, { once: true });
      places.waiting.add(start);
    });
  }

  private releaseOf(host: string, places: Places): Release {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      const [next] = places.waiting;
      if (next) {
        places.waiting.delete(next);
        return next(); // it takes over the place
      }
      places.running -= 1;
      if (places.running === 0) this.hosts.delete(host);
    };
  }
}
