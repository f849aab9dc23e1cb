import type { OfferKind } from './sold';

/** `payment`: it fails for a subscription that is Subscribed, which is suspended, and comes in for one that is Suspended. */
export type ActKind = 'change-plan' | 'change-quantity' | 'payment' | 'renew' | 'unsubscribe';

/** An end is an end, so it is rare: most subscriptions shall live to the end of the storm. */
const acts: Readonly<Record<ActKind, number>> = { 'change-plan': 30, 'change-quantity': 30, payment: 32, renew: 6, unsubscribe: 1 };

/** How large a storm is, and how long what happens in it lasts. */
export interface StormScale {
  subscriptions: number;
  /** For so long customers and Microsoft act, and things break. */
  minutes: number;
  /** Between two acts, on all subscriptions together. */
  betweenActsMs: { least: number; most: number };
  /** How often each kind of act is done, beside the others. */
  acts: Readonly<Record<ActKind, number>>;
  /** Between two requests of ours to Microsoft, on all subscriptions together. */
  betweenRequestsMs: { least: number; most: number };
  /** Null: things break and are mended all the time. A number: each service is killed so often, and nothing else breaks. */
  killsOfEach: number | null;
  /** From the end of one fault to the next, of the services and of what they stand on each by itself. */
  betweenFaultsMs: { least: number; most: number };
  /** How long a copy of a service is down or frozen. */
  serviceFaultMs: { least: number; most: number };
  /** How long the broker or the database is down or frozen. */
  foundationFaultMs: { least: number; most: number };
  /** Share of the operations whose webhook Microsoft takes for received and that nobody ever gets. Above 0 both sides are compared after a sweep over Microsoft's lists, which alone finds them. */
  webhooksLostForGood: number;
  /** Chance of each fault of the API, for each call to it: errors, a limit, slowness, answers that break off. */
  apiFaults: number;
  /** So often an operator asks for a sweep over both lists while everything happens, beside the last one. */
  sweepsMeanwhile: number;
  /** Microsoft's minutes are multiplied by this: 1 is as in life. */
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
  /** `CHANGE_LIMIT` of the services, ISO 8601: a request of ours to a subscription that Microsoft keeps locked is under way for so long. Longer than the longest fault. */
  changeLimit: string;
  /** What Microsoft tells is known to us after so long: more than the longest fault. */
  learntWithinMs: number;
  /** How often each kind of offer is bought, beside the others. */
  offers: Record<OfferKind, number>;
  /** After so long without rest, what is still under way is called a wait without end. */
  restLimitMs: number;
}

/**
 * As in life: copies of Microsoft's that lag two minutes, brokers that are away for one.
 * @param timeFactor shortens Microsoft's minutes and `COPY_LAG` with them, so that everything comes to rest the sooner; below 1 no operation is shown open for ever, since that is
 * given up after ten minutes, which nothing shortens
 */
export function fullScale(minutes: number, timeFactor = 1): StormScale {
  return {
    subscriptions: 50,
    minutes,
    betweenActsMs: { least: 100, most: 700 },
    acts,
    betweenRequestsMs: { least: 200, most: 2_000 },
    killsOfEach: null,
    betweenFaultsMs: { least: 2_000, most: 15_000 },
    serviceFaultMs: { least: 500, most: 45_000 },
    foundationFaultMs: { least: 2_000, most: 80_000 },
    webhooksLostForGood: 0,
    apiFaults: 0,
    sweepsMeanwhile: 0,
    unkindTimeFactor: timeFactor,
    autoAcceptMs: 10_000,
    retryDelaysMs: [1_000, 2_000, 5_000, 10_000, 30_000],
    copyLag: `PT${Math.ceil(15 + 135 * timeFactor)}S`,
    changeLimit: 'PT3M',
    learntWithinMs: 150_000,
    offers: { unnamed: 3, ruled: 3, asked: 3, strict: 3, reviewed: 2 },
    restLimitMs: 20 * 60_000,
  };
}

/** Half a minute for `npm test`, of a storm and of a walk: everything but the number of subscriptions is a fraction of what it is in life, and some webhooks never come. */
export const shortScale: StormScale = {
  subscriptions: 10,
  minutes: 0.5,
  betweenActsMs: { least: 50, most: 400 },
  acts,
  betweenRequestsMs: { least: 200, most: 1_000 },
  killsOfEach: null,
  betweenFaultsMs: { least: 1_000, most: 4_000 },
  serviceFaultMs: { least: 200, most: 4_000 },
  foundationFaultMs: { least: 500, most: 5_000 },
  webhooksLostForGood: 0.1,
  apiFaults: 0.02,
  sweepsMeanwhile: 0,
  unkindTimeFactor: 1 / 40,
  autoAcceptMs: 2_500,
  retryDelaysMs: [500, 1_000, 2_000, 4_000],
  copyLag: 'PT8S',
  changeLimit: 'PT30S',
  learntWithinMs: 20_000,
  offers: { unnamed: 7, ruled: 0, asked: 0, strict: 0, reviewed: 3 }, // Microsoft decides before a product has had its two seconds
  restLimitMs: 300_000,
};

/**
 * A random walk: two thousand acts from both sides in some six minutes, two kills of each service, webhooks that never come, faults of the API, and Microsoft's minutes as short as in
 * `npm test`. Broker and database stay.
 */
export const walkScale: StormScale = {
  ...shortScale,
  subscriptions: 50,
  minutes: 6,
  betweenActsMs: { least: 150, most: 400 },
  acts: { ...acts, payment: 12, unsubscribe: 0.5 }, // what is suspended or over takes no changes
  betweenRequestsMs: { least: 200, most: 800 },
  killsOfEach: 2,
  changeLimit: 'PT3M',
  sweepsMeanwhile: 2,
  offers: { unnamed: 4, ruled: 3, asked: 0, strict: 0, reviewed: 3 },
  restLimitMs: 10 * 60_000,
};
