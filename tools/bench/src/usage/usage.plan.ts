/** How much a run of `npm run bench -- usage` does. */
export interface UsagePlan {
  /** Rounds of ingest and of bare inserts, which take turns. */
  readonly rounds: number;
  /** Records of a round. */
  readonly records: number;
  /** Subscriptions, each with one dimension: so many pairs are handed over in an hour. */
  readonly subscriptions: number;
  /** So many of them are used in the rounds of ingest, in turn. */
  readonly active: number;
  /** What is sent steadily, and for how long. */
  readonly rate: number;
  readonly seconds: number;
  /** Hours that are handed over one after the other. */
  readonly hours: number;
}

export const usagePlan: UsagePlan = {
  ...{ rounds: 5, records: 60_000, subscriptions: 100_000, active: 10_000 },
  ...{ rate: 5_000, seconds: 60, hours: 3 },
};

/** Shows in two minutes that everything works, and measures nothing. */
export const smallUsagePlan: UsagePlan = {
  ...{ rounds: 2, records: 5_000, subscriptions: 2_000, active: 500 },
  ...{ rate: 500, seconds: 5, hours: 2 },
};
