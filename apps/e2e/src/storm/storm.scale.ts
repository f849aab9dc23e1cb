/** How large a storm is, and how long what happens in it lasts. */
export interface StormScale {
  subscriptions: number;
  /** For so long customers and Microsoft act, and things break. */
  minutes: number;
  /** Between two acts, on all subscriptions together. */
  betweenActsMs: { least: number; most: number };
  /** From the end of one fault to the next, of the services and of what they stand on each by itself. */
  betweenFaultsMs: { least: number; most: number };
  /** How long a copy of a service is down or frozen. */
  serviceFaultMs: { least: number; most: number };
  /** How long the broker or the database is down or frozen. */
  foundationFaultMs: { least: number; most: number };
  /** Microsoft's minutes are shorter by this: 1 is as in life. */
  unkindTimeFactor: number;
  /** Microsoft's ten seconds, after which it takes a change for accepted. */
  autoAcceptMs: number;
  /** Between two tries of a webhook that was not received; the last repeats. */
  retryDelaysMs: number[];
  /**
   * `COPY_LAG` of the services, ISO 8601. Longer than the lag of Microsoft's copies under the factor, the ten seconds and the slowest change together: of an operation that is
   * never shown nothing but the read at that age tells how it ended.
   */
  copyLag: string;
  /** What Microsoft tells is known to us after so long: more than the longest fault. */
  learntWithinMs: number;
  /** Whether the catalog refuses some changes of what the second publisher sells. */
  refuses: boolean;
  /** After so long without rest, what is still under way is called a wait without end. */
  restLimitMs: number;
}

/** As in life: copies of Microsoft's that lag two minutes, brokers that are away for one. */
export function fullScale(minutes: number): StormScale {
  return {
    subscriptions: 50,
    minutes,
    betweenActsMs: { least: 100, most: 700 },
    betweenFaultsMs: { least: 2_000, most: 15_000 },
    serviceFaultMs: { least: 500, most: 45_000 },
    foundationFaultMs: { least: 2_000, most: 80_000 },
    unkindTimeFactor: 1,
    autoAcceptMs: 10_000,
    retryDelaysMs: [1_000, 2_000, 5_000, 10_000, 30_000],
    copyLag: 'PT2M30S',
    learntWithinMs: 150_000,
    refuses: true,
    restLimitMs: 20 * 60_000,
  };
}

/** The same in half a minute, for `npm test`: everything but the number of subscriptions is a fraction of what it is in life. */
export const shortScale: StormScale = {
  subscriptions: 10,
  minutes: 0.5,
  betweenActsMs: { least: 50, most: 400 },
  betweenFaultsMs: { least: 1_000, most: 4_000 },
  serviceFaultMs: { least: 200, most: 4_000 },
  foundationFaultMs: { least: 500, most: 5_000 },
  unkindTimeFactor: 1 / 40,
  autoAcceptMs: 2_500,
  retryDelaysMs: [500, 1_000, 2_000, 4_000],
  copyLag: 'PT8S',
  learntWithinMs: 20_000,
  refuses: false,
  restLimitMs: 300_000,
};
