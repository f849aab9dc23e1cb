/** How much a run of the bench does. */
export interface Plan {
  readonly subscriptions: number;
  /** Rounds of each thing that is compared; they take turns. */
  readonly rounds: number;
  readonly idleMs: number;
  /** Webhooks of a round: at each rate, saturated, for the gateway alone, and for the naive handler. */
  readonly atRates: readonly { readonly rate: number; readonly webhooks: number }[];
  readonly saturated: number;
  readonly accepted: number;
  readonly naive: number;
  readonly inserts: number;
  readonly kafkaMessages: number;
  /** Whether rounds that were disturbed are made once more, and cold starts are measured. */
  readonly isThorough: boolean;
}

export const quickPlan: Plan = {
  ...{ subscriptions: 600, rounds: 3, idleMs: 10_000, saturated: 300, accepted: 300, naive: 600, inserts: 4_000, kafkaMessages: 50_000 },
  atRates: [{ rate: 5, webhooks: 40 }],
  isThorough: false,
};

export const fullPlan: Plan = {
  ...{
    subscriptions: 3_000,
    rounds: 3,
    idleMs: 30_000,
    saturated: 3_000,
    accepted: 2_000,
    naive: 2_000,
    inserts: 20_000,
    kafkaMessages: 200_000,
  },
  atRates: [
    { rate: 5, webhooks: 100 },
    { rate: 50, webhooks: 1_000 },
  ],
  isThorough: true,
};
