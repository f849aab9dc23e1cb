import { profileParts, type FaultProfile, type presetNames, type ProfileParts } from './fault.profile';

/** Nothing of it happens. */
const none = Object.fromEntries(Object.keys(profileParts.shape).map((part) => [part, null])) as ProfileParts;

/**
 * Everything at once that was seen of Microsoft's service, is documented as possible, or cannot be excluded (contract 3.2, 3.8, 3.10, 4.3,
 * 4.4), far more often than there: a publisher that is right after it is right on any day.
 */
const unkind: ProfileParts = {
  subscriptionCopies: { copies: 4, lag: 'PT2M' },
  operationCopies: { copies: 3, lag: 'PT10S' },
  slowOperations: { chance: 0.5, start: { from: 'PT1S', to: 'PT1M' }, end: { from: 'PT20S', to: 'PT10M' } },
  hiddenOperations: { chance: 0.06 },
  vanishingOperations: { chance: 0.06, after: 'PT1M' },
  endlessOperations: { chance: 0.02 },
  leftOutMembers: {
    publisherId: 0.1,
    offerId: 0.1,
    planId: 0.1,
    quantity: 0.1,
    saasSubscriptionStatus: 0.1,
    term: 0.15,
    autoRenew: 0.15,
    allowedCustomerOperations: 0.15,
    beneficiary: 0.1,
    purchaser: 0.1,
    created: 0.15,
  },
  oddWebhooks: { orgId: 0.04, actionAlone: 0.02, reinstateWithoutId: 0.15 },
  duplicatedWebhooks: { chance: 0.2, copies: 2, spacingMs: 3_000 },
  delayedWebhooks: { chance: 0.25, from: 'PT2S', to: 'PT4H' },
  reorderedWebhooks: { chance: 0.15, after: 2, atMost: 'PT1M' },
  lostWebhooks: { chance: 0.15 },
  failingAcknowledgements: { chance: 0.2 },
  lateUsageRows: { chance: 0.2, for: 'P2D' },
  lostAnswers: { chance: 0.1 },
};

export const presets: Record<(typeof presetNames)[number], ProfileParts> = { none, unkind };

/** All parts of a profile, with those of its preset that it does not name. */
export function partsOf({ preset = 'unkind', parts = {} }: FaultProfile): ProfileParts {
  return { ...presets[preset], ...parts };
}
