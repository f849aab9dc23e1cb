import {
  activationFailed,
  cancellationFailed,
  changeFailed,
  differenceEnded,
  differenceFound,
  emptyCatalog,
  operationStatus,
  purchaseUnresolved,
  settlement,
  stage,
  status,
  tenantProvisioningFailed,
  tenantTakenBack,
  type Catalog,
  type Message,
  type Stage,
  type Status,
} from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import { aMessage } from '@landfall/testing';
import { knownActions } from '../operation/operation';
import { approvePurchase, rejectPurchase } from '../purchase/approval.domain';
import type { Requested } from '../request/request';
import { requestChange } from '../request/request.domain';
import * as given from './subscription.builders';
import { accessOf, set, type SubscriptionChange } from '../subscription/subscription';

/** One cell of the state machine: where the record is, and what happens. */
export interface Cell {
  /** `unknown`: there is no record. */
  readonly status: Status | 'unknown';
  /** `-` where there is no record. */
  readonly stage: Stage | '-';
  /** An action of Microsoft, or a message about something else. */
  readonly what: string;
  /** How an operation is shown, or what a read shows. `-` for the otherMessages. */
  readonly how: string;
  /**
   * What the catalog says about a change: no rule is against it, one is, or the product has a say. Everything else meets a catalog that refuses; a
   * confirmation also one by which an operator approves purchases, and a request of ours also one that accepts.
   */
  readonly catalog: 'accepts' | 'refuses' | 'asks' | 'approves';
}

const changes: Readonly<Record<string, object>> = { ChangePlan: { planId: 'gold' }, ChangeQuantity: { quantity: 12 } };
const refusing = given.aCatalog({ plans: { silver: { mayMoveTo: [], seats: { max: 10 } }, gold: {} } });
const catalogs: Readonly<Record<Cell['catalog'], Catalog>> = {
  accepts: given.aCatalog(),
  refuses: refusing,
  approves: given.aCatalog({ plans: { silver: { activation: 'on-approval' }, gold: {} } }),
  asks: given.aCatalog({ veto: { url: 'https://product.example/veto', whenSilent: 'refuse' } }),
};

/** Every way in which an operation reaches the record. What has ended as `end …` was seen open before. */
const ways = ['announced', ...operationStatus.options.map((shown) => `seen ${shown}`), ...settlement.options.map((end) => `end ${end}`)];

/** The messages that are about no operation. `read`: outside of one; `resolve`: since a customer came. */
const otherMessages: Readonly<Record<string, (how: string) => Message>> = {
  read: (how) => given.observed(readOf(how)),
  resolve: (how) => given.resolved(readOf(how)),
  unresolved: () => aMessage(purchaseUnresolved({ purchaseId: given.purchaseId, reason: 'not-found' })),
  confirm: () => given.confirmed(),
  tenant: () => given.tenantReadyFor(2),
  'tenant-failed': () => aMessage(tenantProvisioningFailed({ subscriptionId: given.subscriptionId, version: 2, reason: 'No room.' })),
  'tenant-back': () => aMessage(tenantTakenBack({ subscriptionId: given.subscriptionId, reason: 'It has ended.' })),
  'cancellation-failed': () =>
    aMessage(
      cancellationFailed({ subscriptionId: given.subscriptionId, requestId: given.operationId, reason: '400', failedAt: given.at(40) }),
    ),
  'change-failed': () =>
    aMessage(
      changeFailed({
        ...{ subscriptionId: given.subscriptionId, requestId: given.operationId, outcome: 'failed' },
        ...{ reason: '400', code: null, failedAt: given.at(40) },
      }),
    ),
  'difference-found': () =>
    aMessage(
      differenceFound({
        ...{ subscriptionId: given.subscriptionId, difference: 'missing', reconciliationId: given.operationId },
        ...{ since: given.at(30), foundAt: given.at(40) },
      }),
    ),
  'difference-ended': () =>
    aMessage(differenceEnded({ subscriptionId: given.subscriptionId, difference: 'missing', end: 'shown-again', endedAt: given.at(40) })),
  'activation-failed': () => aMessage(activationFailed({ subscriptionId: given.subscriptionId, reason: '400', failedAt: given.at(40) })),
};
const request = (requested: Requested) => (change: SubscriptionChange) =>
  requestChange(
    change,
    given.requestId,
    requested,
    { actor: 'operator-1', actorKind: 'operator', reason: 'Asked by mail.', requestedAt: given.at(40) },
    given.inForce.current,
  );
/** What operators decide, and what is requested on our side: no messages. There must be a record. */
const commands: Readonly<Record<string, (change: SubscriptionChange) => Outcome<SubscriptionChange>>> = {
  approve: (change) => approvePurchase(change, { actor: 'operator-1', decidedAt: given.at(40) }),
  reject: (change) => rejectPurchase(change, { actor: 'operator-1', decidedAt: given.at(40) }, 'Not here.'),
  'request-plan': request({ action: 'ChangePlan', planId: 'gold', quantity: null }),
  'request-seats': request({ action: 'ChangeQuantity', planId: null, quantity: 12 }),
  'request-cancellation': request({ action: 'Unsubscribe', planId: null, quantity: null }),
};
const showing = new Set(['read', 'resolve']);
const readOf = (how: string) => given.aRead(20, { status: how as Status });

/** All cells: whoever adds a status, a stage, an action, an end or a message adds cells, for which the table then has no row. */
export const cells: readonly Cell[] = [
  { status: 'unknown', stage: '-' } as const,
  ...status.options.flatMap((one) => stage.options.map((other) => ({ status: one, stage: other }))),
].flatMap((where): Cell[] => [
  ...[...knownActions, 'Transfer'].flatMap((what) =>
    (what in changes ? (['accepts', 'refuses', 'asks'] as const) : (['refuses'] as const)).flatMap((catalog) =>
      ways.map((how) => ({ ...where, what, how, catalog })),
    ),
  ),
  ...Object.keys(otherMessages).flatMap((what) =>
    (showing.has(what) ? status.options : ['-']).map((how) => ({ ...where, what, how, catalog: 'refuses' as const })),
  ),
  { ...where, what: 'confirm', how: '-', catalog: 'approves' },
  ...(where.status === 'unknown' ? [] : Object.keys(commands)).flatMap((what) =>
    (what.startsWith('request-') ? (['accepts', 'refuses'] as const) : (['refuses'] as const)).map((catalog) => ({
      ...where,
      what,
      how: '-',
      catalog,
    })),
  ),
]);

/** The types of all messages that cells bring. */
export const broughtTypes = (): Set<string> => new Set(cells.flatMap((cell) => messagesOf(cell).map(({ type }) => type)));

/** What one cell leads to, in a line: messages, ordered reads by their members, and where the record is then if that is elsewhere. */
export function resultOf(cell: Cell): string {
  given.inForce.current = catalogs[cell.catalog];
  try {
    const [command, record] = [commands[cell.what], recordOf(cell)];
    if (command && record) return told(command(record), record);
    const messages = messagesOf(cell);
    const before = messages.slice(0, -1).reduce((change, message) => stateAfter(given.decide(change, message)) ?? change, record);
    return told(given.decide(before, messages.at(-1)!), before);
  } finally {
    given.inForce.current = emptyCatalog;
  }
}

function messagesOf({ what, how }: Cell): Message[] {
  const other = otherMessages[what];
  if (other) return [other(how)];
  if (what in commands) return [];
  const operation = { action: what, ...changes[what], read: null };
  const [way, end] = how.split(' ');
  if (way === 'announced') return [given.announced({ action: what, ...changes[what] })];
  if (way === 'seen') return [given.verified({ ...operation, operationStatus: end as never })];
  return [given.verified(operation), given.settled({ ...operation, settled: end as never })];
}

function recordOf({ status, stage }: Cell): SubscriptionChange | undefined {
  if (status === 'unknown' || stage === '-') return undefined;
  const cancellationRequestId = stage === 'rejected' ? given.operationId : null;
  return set(given.loaded(), { status, stage, access: accessOf(status, stage), isActivated: stage === 'done', cancellationRequestId });
}

const stateAfter = (outcome: Outcome<SubscriptionChange>) => (outcome.kind === 'changed' ? outcome.state : undefined);

function told(outcome: Outcome<SubscriptionChange>, before: SubscriptionChange | undefined): string {
  const after = stateAfter(outcome)?.subscription;
  const moved = [after?.status, after?.stage].filter(
    (now, place) => now !== [before?.subscription.status, before?.subscription.stage][place],
  );
  const words = [
    ...(outcome.kind === 'changed' ? [] : [outcome.kind]),
    ...given.emitted(outcome).map((name) => wordFor(name, outcome)),
    ...new Set(given.orders(outcome).map(({ members }) => `read(${members.includes('beneficiary') ? 'whole' : members.join('+')})`)),
    ...(after && moved.length > 0 ? ['->', ...moved] : []),
  ];
  return words.join(' ') || 'nothing';
}

/** A verdict is named by itself, and a change against our refusal as such. */
function wordFor(name: string, outcome: Outcome<SubscriptionChange>): string {
  if (name === 'operation-decided') return String(given.eventOf(outcome, name)['verdict']);
  return name.endsWith('-changed') && given.eventOf(outcome, name)['overruled'] ? `${name}(overruled)` : name;
}
