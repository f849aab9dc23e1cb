import { placeOf } from '../fault.draw';
import { faultSchema, type FaultBody } from '../rule/fault.rule';
import { drawnMs, type Span } from '../rule/span';
import type { FaultProfile, ProfileParts } from './fault.profile';
import { partsOf } from './presets';

interface PlannedRule {
  name: string;
  on: object;
  chance?: number;
  per?: 'operation';
  do: object;
}

/** How a profile happens: fault rules like those that are made one by one, which all go together. The same profile gives the same ones. */
export function rulesOf(profile: FaultProfile): FaultBody[] {
  const { seed = 1, timeFactor = 1 } = profile;
  const planned = [
    ...ofReads(partsOf(profile), timeFactor),
    ...ofOperations(partsOf(profile), timeFactor),
    ...ofWebhooks(partsOf(profile), timeFactor),
    ...ofWrites(partsOf(profile)),
  ];
  return planned
    .filter(({ chance }) => chance !== 0)
    .map(({ name, on, chance, per, do: effect }) =>
      faultSchema.parse({
        name: `profile: ${name}`,
        on,
        when: {
          seed: (seed ^ placeOf(name)) >>> 0,
          ...(chance === undefined ? {} : { probability: chance }),
          ...(per === undefined ? {} : { per }),
        },
        also: true,
        do: effect,
      }),
    );
}

function* ofReads(
  { subscriptionCopies, operationCopies, leftOutMembers, lateUsageRows: rows }: ProfileParts,
  factor: number,
): Generator<PlannedRule> {
  if (subscriptionCopies)
    yield {
      name: 'subscriptionCopies',
      on: { route: ['getSubscription', 'listSubscriptions'] },
      do: { effect: 'laggingCopies', ...subscriptionCopies, lag: scaled(subscriptionCopies.lag, factor) },
    };
  if (operationCopies)
    yield {
      name: 'operationCopies',
      on: { route: ['getOperation', 'listOperations'] },
      do: { effect: 'laggingCopies', ...operationCopies, lag: scaled(operationCopies.lag, factor) },
    };
  if (leftOutMembers)
    yield {
      name: 'leftOutMembers',
      on: { route: ['getSubscription', 'listSubscriptions', 'resolveSubscription'] },
      do: { effect: 'leaveOut', members: leftOutMembers },
    };
  if (rows)
    yield {
      name: 'lateUsageRows',
      on: { route: 'getUsageEvents' },
      do: { effect: 'missingRows', chance: rows.chance, for: scaled(rows.for, factor) },
    };
}

function* ofOperations(parts: ProfileParts, factor: number): Generator<PlannedRule> {
  const { slowOperations: slow, hiddenOperations: hidden, vanishingOperations: vanishing, endlessOperations: endless } = parts;
  const shown = { on: { route: ['getOperation', 'listOperations'] }, per: 'operation' } as const;
  if (slow)
    yield {
      name: 'slowOperations',
      on: {},
      chance: slow.chance,
      do: { effect: 'slowOperation', start: scaled(slow.start, factor), end: scaled(slow.end, factor) },
    };
  if (hidden) yield { ...shown, name: 'hiddenOperations', chance: hidden.chance, do: { effect: 'forgetOperation', after: 'PT0S' } };
  if (vanishing)
    yield {
      ...shown,
      name: 'vanishingOperations',
      chance: vanishing.chance,
      do: { effect: 'forgetOperation', after: scaled(vanishing.after, factor) },
    };
  if (endless) yield { ...shown, name: 'endlessOperations', chance: endless.chance, do: { effect: 'endlessOperation' } };
}

function* ofWebhooks(parts: ProfileParts, factor: number): Generator<PlannedRule> {
  const {
    oddWebhooks: odd,
    duplicatedWebhooks: doubled,
    delayedWebhooks: delayed,
    reorderedWebhooks: reordered,
    lostWebhooks: lost,
  } = parts;
  const payload = (name: string, chance: number, variant: string, on: object = {}): PlannedRule => ({
    name,
    on,
    chance,
    per: 'operation',
    do: { effect: 'payload', variant },
  });
  if (odd) {
    yield payload('oddWebhooks.reinstateWithoutId', odd.reinstateWithoutId, 'no-id', { action: 'Reinstate' });
    yield payload('oddWebhooks.orgId', odd.orgId, 'org-id');
    yield payload('oddWebhooks.actionAlone', odd.actionAlone, 'action-alone');
  }
  if (doubled) {
    const { chance, copies, spacingMs } = doubled;
    yield {
      name: 'duplicatedWebhooks',
      on: {},
      chance,
      do: { effect: 'duplicate', copies, spacingMs: Math.round(spacingMs * Math.min(factor, 1)) },
    };
  }
  if (delayed)
    yield {
      name: 'delayedWebhooks',
      on: {},
      chance: delayed.chance,
      do: { effect: 'postpone', for: scaled({ from: delayed.from, to: delayed.to }, factor) },
    };
  if (reordered)
    yield {
      name: 'reorderedWebhooks',
      on: {},
      chance: reordered.chance,
      do: { effect: 'reorder', after: reordered.after, atMost: scaled(reordered.atMost, factor) },
    };
  if (lost) yield { name: 'lostWebhooks', on: {}, chance: lost.chance, do: { effect: 'drop', as: 'lost' } };
}

function* ofWrites({ failingAcknowledgements: failing, lostAnswers: lost }: ProfileParts): Generator<PlannedRule> {
  const writes = [
    ...['updateSubscription', 'cancelSubscription', 'activateSubscription', 'updateOperation'],
    ...['postUsageEvent', 'postBatchUsageEvent'],
  ];
  if (failing)
    yield {
      name: 'failingAcknowledgements',
      on: { route: 'updateOperation', operationStatus: 'InProgress' },
      chance: failing.chance,
      do: { effect: 'status', status: 500 },
    };
  if (lost) {
    yield { name: 'lostAnswers.reset', on: { route: writes }, chance: lost.chance / 2, do: { effect: 'reset', afterWork: true } };
    yield {
      name: 'lostAnswers.status',
      on: { route: writes },
      chance: lost.chance / 2,
      do: { effect: 'status', status: 500, afterWork: true },
    };
  }
}

/** A millisecond at least, so that what is to take time does. */
function scaled<S extends Span>(length: S, factor: number): S {
  if (typeof length !== 'string') return { from: scaled(length.from, factor), to: scaled(length.to, factor) } as S;
  return `PT${Math.max(Math.round(drawnMs(length, 0) * factor), 1) / 1_000}S` as S;
}
