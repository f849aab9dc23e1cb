import { createHash } from 'node:crypto';
import { membersOf } from '../metering/usage/usage.reading';
import type { Action } from '../operation/operation';
import type { WebhookPayload } from './webhook.payload';

type Body = Record<string, unknown>;
type Change = (payload: Body) => Body;

interface Variant {
  /** Where it was seen or documented. */
  seen: string;
  /** The actions for which the setting applies it; a fault rule or a delivery by hand may apply it to any. */
  actions: readonly Action[] | 'any';
  change: Change;
}

const notifyOnly: readonly Action[] = ['Renew', 'Suspend', 'Unsubscribe', 'Subscribe'];

/**
 * What Microsoft has sent in other years, and what its documents show otherwise (contract 3.2, 4.3, 8 (10), 9.2). Only id, subscriptionId
 * and action may be relied on.
 */
const variants = {
  'minimal-2021': {
    seen: '2021 (contract 4.3): six members, no plan and no snapshot',
    actions: ['ChangePlan'],
    change: minimal,
  },
  'minimal-reinstate': {
    seen: 'the legacy Reinstate (contract 9.2)',
    actions: ['Reinstate'],
    change: minimal,
  },
  'empty-strings-2019': {
    seen: '2019 (contract 4.3): empty strings for publisher, offer, plan and quantity',
    actions: ['Unsubscribe'],
    change: (payload) => ({ ...payload, publisherId: '', offerId: '', planId: '', quantity: '' }),
  },
  'operationType-2019': {
    seen: '2019-20 (contract 4.3): operationType instead of action',
    actions: ['Reinstate'],
    change: ({ action, ...payload }) => ({ ...payload, operationType: action }),
  },
  'quantity-string-2019': {
    seen: '2019 (contract 4.3): the quantity as a text',
    actions: 'any',
    change: (payload) => ('quantity' in payload ? { ...payload, quantity: String(payload['quantity']) } : payload),
  },
  'flat-quantity-null': {
    seen: 'flat rates with a quantity of null at the top (contract 4.3)',
    actions: 'any',
    change: (payload) => (isFlat(payload) ? { ...payload, quantity: null } : payload),
  },
  'flat-quantity-empty': {
    seen: 'flat rates with an empty quantity at the top (contract 4.3, 9.2)',
    actions: 'any',
    change: (payload) => (isFlat(payload) ? { ...payload, quantity: '' } : payload),
  },
  'suspend-subscribed-2022': {
    seen: 'a sample of 2022 (contract 4.3): the snapshot of a Suspend shows Subscribed',
    actions: ['Suspend'],
    change: inSnapshot((snapshot) => ({ ...snapshot, saasSubscriptionStatus: 'Subscribed' })),
  },
  'status-success': {
    seen: 'the older word for Succeeded (contract 4.3)',
    actions: notifyOnly,
    change: (payload) => ({ ...payload, status: 'Success' }),
  },
  'padded-status': {
    seen: "documented samples with blanks around the subscription's status (contract 3.2)",
    actions: 'any',
    change: inSnapshot((snapshot) => ({ ...snapshot, saasSubscriptionStatus: ` ${snapshot['saasSubscriptionStatus']} ` })),
  },
  'no-charge-duration': {
    seen: 'before 2022 (contract 3.2, 4.3): a term without chargeDuration',
    actions: 'any',
    change: inSnapshot((snapshot) => {
      const { chargeDuration: _chargeDuration, ...term } = membersOf(snapshot['term']);
      return 'term' in snapshot ? { ...snapshot, term } : snapshot;
    }),
  },
  'last-modified-empty': {
    seen: 'the empty instant without a zone that the REST API shows (contract 3.2, 8 (10))',
    actions: 'any',
    change: inSnapshot((snapshot) => ({ ...snapshot, lastModified: '0001-01-01T00:00:00' })),
  },
  'requested-source': {
    seen: "the historical name of operationRequestSource, which Microsoft's own emulator has kept (contract 9.3)",
    actions: 'any',
    change: ({ operationRequestSource, ...payload }) => ({ ...payload, operationRequestedSource: operationRequestSource }),
  },
  'org-id': {
    seen: 'ids of the form org:<guid>,<guid>, which name no operation; in no document (contract 4.3)',
    actions: 'any',
    change: (payload) => withId(payload, `org:${payload['subscriptionId']},${otherGuid(String(payload['id']))}`),
  },
  'no-id': {
    seen: 'a webhook without an id; in no document (contract 4.3)',
    actions: ['Reinstate'],
    change: ({ id: _id, activityId: _activityId, ...payload }) => payload,
  },
  'action-alone': {
    seen: 'nothing but the action and the subscription; in no document (contract 4.3)',
    actions: 'any',
    change: ({ action, subscriptionId }) => ({ action, subscriptionId }),
  },
  'no-subscription': {
    seen: 'payloads before 2021 (contract 11): no snapshot at all',
    actions: 'any',
    change: ({ subscription: _subscription, ...payload }) => payload,
  },
  'unknown-properties': {
    seen: '"avoid strict deserialization" (contract 4.3, 9.2): members that nobody has heard of',
    actions: 'any',
    change: (payload) => ({
      ...inSnapshot((snapshot) => ({ ...snapshot, unheardOf: 'too' }))(payload),
      unheardOf: { since: 2030, list: [1, null, 'x'] },
    }),
  },
} as const satisfies Record<string, Variant>;

type PayloadVariant = keyof typeof variants;

export const payloadVariants = Object.keys(variants) as [PayloadVariant, ...PayloadVariant[]];

/** The variants as the control API lists them. */
export const payloadVariantList = payloadVariants.map((name) => {
  const { seen, actions }: Variant = variants[name];
  return { name, seen, actions };
});

/** The payload in another form. What a variant changes in the snapshot is nothing where there is none. */
function inVariant(payload: object, variant: PayloadVariant): object {
  return variants[variant].change(payload as Body);
}

/** How a body differs from the right one. */
export interface Alteration {
  variant?: PayloadVariant;
  /** Members of the body that are put above its own. */
  payload?: Record<string, unknown>;
  /** Members that are left out. */
  omit?: string[];
}

export function altered(body: object, { variant, payload = {}, omit = [] }: Alteration): object {
  const other = { ...(variant ? inVariant(body, variant) : body), ...payload };
  return Object.fromEntries(Object.entries(other).filter(([member]) => !omit.includes(member)));
}

/** The payload as the setting wants it: of each variant where its action is the one in which it was seen. */
export function asConfigured(payload: WebhookPayload, wanted: readonly PayloadVariant[]): object {
  return wanted
    .filter((variant) => {
      const { actions }: Variant = variants[variant];
      return actions === 'any' || actions.includes(payload.action);
    })
    .reduce<object>(inVariant, payload);
}

/**
 * Hoisted, since the table above is made of them. A fault or somebody by hand may have put anything in the place of a snapshot; that stays
 * as it is.
 */
function inSnapshot(change: Change): Change {
  return (payload) => {
    const snapshot = membersOf(payload['subscription']);
    return 'id' in snapshot ? { ...payload, subscription: change(snapshot) } : payload;
  };
}

function withId(payload: Body, id: string): Body {
  return { ...payload, id, activityId: id };
}

/** Always the same for the same text, and the id of nothing. */
function otherGuid(text: string): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

function isFlat(payload: Body): boolean {
  return membersOf(payload['subscription'])['quantity'] === null;
}

function minimal({ id, activityId, subscriptionId, timeStamp, action, operationRequestSource }: Body): Body {
  return { id, activityId, subscriptionId, timeStamp, action, operationRequestSource };
}
