import type { SizesPlan } from '../sizes/sizes';

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
  /** Messages that a relay publishes, and that the subscription service takes, as fast as they can. */
  readonly relayed: number;
  readonly replayed: number;
  /** Whether rounds that were disturbed are made once more, cold starts are measured, and services and broker are killed under load. */
  readonly isThorough: boolean;
  /** The cost with ever more subscriptions; null: not measured. */
  readonly sizes: SizesPlan | null;
}

export const quickPlan: Plan = {
  ...{ subscriptions: 600, rounds: 3, idleMs: 10_000, saturated: 300, accepted: 300, naive: 600, inserts: 4_000, kafkaMessages: 50_000 },
  ...{ relayed: 20_000, replayed: 5_000 },
  atRates: [{ rate: 5, webhooks: 40 }],
  isThorough: false,
  sizes: null,
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
    relayed: 50_000,
    replayed: 50_000,
  },
  atRates: [
    { rate: 5, webhooks: 100 },
    { rate: 50, webhooks: 1_000 },
  ],
  isThorough: true,
  sizes: { subscriptions: [1_000, 100_000, 1_000_000], webhooks: 300, rate: 10, idleMs: 10_000 },
};
