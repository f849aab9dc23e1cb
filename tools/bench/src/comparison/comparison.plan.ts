/** How much a run of `npm run bench -- comparison` does. */
export interface ComparisonPlan {
  readonly subscriptions: number;
  /** Of each subscription: one hour of each is compared with one row of the list. */
  readonly dimensions: number;
}

export const comparisonPlan: ComparisonPlan = { subscriptions: 10_000, dimensions: 10 };

/** Shows in a minute that everything works, and measures nothing. */
export const smallComparisonPlan: ComparisonPlan = { subscriptions: 500, dimensions: 4 };

/** What is known of the hours before the list comes: Microsoft has accepted all, or said nothing of any, so that the list decides about each. */
export const scenes = ['accepted', 'uncertain'] as const;
export type Scene = (typeof scenes)[number];

/** Of so many rows of the list one has a unit more than was reported. */
export const differingEvery = 1_000;

export const rowsOf = ({ subscriptions, dimensions }: ComparisonPlan): number => subscriptions * dimensions;
export const differingOf = (plan: ComparisonPlan): number => Math.ceil(rowsOf(plan) / differingEvery);
