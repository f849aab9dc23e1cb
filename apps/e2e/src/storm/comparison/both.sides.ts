import { z } from 'zod';
import { snapshot as publicSnapshot, type Message } from '@landfall/contracts';
import { faults, type Microsoft } from '../../microsoft';
import type { ExampleProduct } from '../../example-product';
import type { TopicReader } from '../../topic.reader';
import type { AnnouncedEvent, Members, MicrosoftSide, OurSide } from './sides';
import type { Bought } from '../purchases';
import { effectsOn } from '../untold';

const party = z.looseObject({ tenantId: z.string(), objectId: z.string() });
const day = z
  .string()
  .nullish()
  .transform((instant) => instant?.slice(0, 10) ?? null);

/** What the emulator's control API tells of a subscription: the truth, whatever its faults show us. */
const truth = z.looseObject({
  offerId: z.string(),
  saasSubscriptionStatus: z.string(),
  planId: z.string(),
  quantity: z.int().nullable(),
  term: z.looseObject({ termUnit: z.string(), startDate: day, endDate: day }),
  autoRenew: z.boolean(),
  isFreeTrial: z.boolean(),
  allowedCustomerOperations: z.array(z.string()),
  beneficiary: party,
  purchaser: party,
  activateCalls: z.int(),
  operations: z.array(
    z.looseObject({
      id: z.string(),
      action: z.string(),
      status: z.string(),
      planId: z.string(),
      quantity: z.int().nullable(),
      timeStamp: z.string(),
      settledAt: z.string().nullable(),
      settledBy: z.string().nullable(),
      faults,
    }),
  ),
});

/** The same members as our events, snapshots and record tell them. */
const state = z.looseObject({
  offerId: z.string(),
  status: z.string(),
  planId: z.string(),
  quantity: z.int().nullable(),
  term: z.looseObject({ termUnit: z.string(), startDate: z.string().nullable(), endDate: z.string().nullable() }).nullable(),
  autoRenew: z.boolean(),
  isFreeTrial: z.boolean(),
  allowedCustomerOperations: z.array(z.string()),
  beneficiary: party,
  purchaser: party,
});

const made = z.looseObject({ requestId: z.string(), action: z.string(), state: z.string(), operationId: z.string().nullable() });

const announced = z.looseObject({
  effectiveAt: z.string().nullish(),
  effectiveBetween: z.object({ from: z.string(), to: z.string() }).nullish(),
  graceEndsAt: z.string().nullish(),
  overruled: z.boolean().optional(),
  requestId: z.string().nullish(),
  cause: z.looseObject({ operationId: z.string().nullish() }).optional(),
});

/**
 * Where Get Operation is not to be asked: it finds nothing, or not for long, or shows something for ever that has ended; or the webhook does not say by what id to
 * ask (`payload`: a form of it that can't be tied to an operation).
 */
const hiding: ReadonlySet<string> = new Set(['forgetOperation', 'endlessOperation', 'payload']);

export async function microsoftSide(
  microsoft: Microsoft,
  { subscriptionId, planId, quantity, offer, decision }: Bought & { decision: MicrosoftSide['decision'] },
  learntWithinMs: number,
): Promise<MicrosoftSide> {
  const { saasSubscriptionStatus: status, operations, activateCalls, ...shown } = truth.parse(await microsoft.truth(subscriptionId));
  const deliveries = (await microsoft.deliveries(subscriptionId)).filter(({ answer }) => answer?.status === 200);
  return {
    subscriptionId,
    bought: { planId, quantity },
    isReviewed: offer === 'reviewed',
    decision,
    activateCalls,
    learntWithinMs,
    members: membersOf({ ...shown, status }),
    operations: operations.map(({ settledBy, ...operation }) => ({
      ...operation,
      isRefusedByUs: operation.status === 'Failed' && settledBy === 'publisher' && operation.action.startsWith('Change'),
      receivedAt: deliveries.find(({ operationId }) => operationId === operation.id)?.sentAt ?? null,
      isHidden: [...effectsOn(operation)].some((effect) => hiding.has(effect)),
    })),
  };
}

/** What the services say of a subscription when they are asked. */
interface Said {
  record: unknown;
  requests: unknown;
}

export function ourSide(topics: TopicReader, subscriptionId: string, { record, requests }: Said, product: ExampleProduct): OurSide {
  const snapshot = topics.lastSnapshot(subscriptionId)?.data;
  const events = topics.events(subscriptionId);
  const newest = events.find(({ sequence }) => sequence === events.length);
  return {
    events: topics.repeatedEvents(subscriptionId).map(eventOf),
    requests: z.array(made).parse(requests ?? []),
    product: {
      requests: topics.tenantRequests(subscriptionId).length,
      made: product.made.filter((one) => one === subscriptionId).length,
      hasTenant: product.tenants.has(subscriptionId),
    },
    folded: newest ? wholeOf({ ...(newest.data as object), sequence: newest.sequence }) : null,
    kept: record ? wholeOf(record) : null,
    snapshot: snapshot ? membersOf(state.parse(snapshot)) : null,
    record: record ? membersOf(state.parse(record)) : null,
  };
}

/** All that a public event says of the subscription itself, and the record as well. */
const whole = [...Object.keys(publicSnapshot.shape), 'stage', 'access', 'imported', 'sequence'];

const wholeOf = (said: object): Record<string, string> =>
  Object.fromEntries(whole.map((name) => [name, JSON.stringify((said as Record<string, unknown>)[name]) ?? 'absent']));

function eventOf({ id, type, sequence, data }: Message): AnnouncedEvent {
  const {
    effectiveAt = null,
    effectiveBetween = null,
    graceEndsAt = null,
    overruled = false,
    requestId = null,
    cause,
  } = announced.parse(data);
  return {
    id,
    kind: type.replace(/^landfall\.subscription\.|\.v1$/g, ''),
    sequence: sequence ?? 0,
    members: membersOf(state.parse(data)),
    effectiveAt,
    effectiveBetween,
    graceEndsAt,
    overruled,
    operationId: cause?.operationId ?? null,
    requestId,
  };
}

function membersOf({ term, allowedCustomerOperations, beneficiary, purchaser, ...shown }: z.infer<typeof state>): Members {
  return {
    offerId: shown.offerId,
    status: shown.status,
    planId: shown.planId,
    quantity: shown.quantity,
    termUnit: term?.termUnit ?? null,
    termStart: term?.startDate ?? null,
    termEnd: term?.endDate ?? null,
    autoRenew: shown.autoRenew,
    isFreeTrial: shown.isFreeTrial,
    allowedCustomerOperations: [...allowedCustomerOperations].sort().join(' '),
    beneficiary: `${beneficiary.tenantId}/${beneficiary.objectId}`,
    purchaser: `${purchaser.tenantId}/${purchaser.objectId}`,
  };
}
