import {
  billingEvents,
  fulfillmentEvents,
  operationDecided,
  operationSettled,
  operationVerified,
  purchaseRegistered,
  purchaseUnresolved,
  subscriptionContactErased,
  subscriptionDecisions,
  subscriptionEvents,
  usageCounted,
  type MessageOf,
} from '@landfall/contracts';
import { Consumes, everyMessage, orderErasure, stages, stagesForSome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { operationKey, type OperationDecision } from './decision/decision';
import { concernsAnswers, recordEndAtFirstLook, recordSettlement, recordVerdict, showsEndOfChange } from './decision/decision.domain';
import { DecisionRepository } from './decision/decision.repository';
import { linkPurchase, project } from './projection/projection.domain';
import { ProjectionRepository } from './projection/projection.repository';
import { PurchaseRepository } from './purchase/purchase.repository';
import { markUnresolved } from './purchase/unresolved.domain';
import { keepCount } from './usage/usage.domain';
import { UsageRepository } from './usage/usage.repository';

/**
 * What the other services publish about purchases, for the page, and about changes, for the answers to Microsoft: no message that is consumed here
 * makes the gateway publish one.
 */
@Controller()
export class GatewayConsumer {
  constructor(
    private readonly purchases: PurchaseRepository,
    private readonly projections: ProjectionRepository,
    private readonly decisions: DecisionRepository,
    private readonly usage: UsageRepository,
  ) {}

  @Consumes(subscriptionDecisions)
  onDecisions() {
    return stagesForSome(subscriptionDecisions, {
      key: stateKeyOf,
      concerns: (decision) => decision.type !== operationDecided.type || concernsAnswers(decision),
      isKnownByState: ({ type }) => type === operationDecided.type, // the first verdict stays
      load: (tx, keys) => this.projections.lock(tx, keys.filter(isOfNoOperation)),
      decide: {
        [purchaseRegistered.type]: linkPurchase,
        [operationDecided.type]: recordVerdict,
        [subscriptionContactErased.type]: orderErasure,
      },
      save: (tx, changes) => {
        this.projections.save(tx, changes.filter(isNoDecision));
        this.decisions.save(tx, changes.filter(isDecision));
      },
    });
  }

  @Consumes(subscriptionEvents)
  onSubscriptionEvents() {
    return stages(subscriptionEvents, {
      isKnownByState: () => true, // by its version
      load: (tx, subscriptionIds) => this.projections.lock(tx, subscriptionIds),
      decide: everyMessage(subscriptionEvents, project),
      save: (tx, changes) => this.projections.save(tx, changes),
    });
  }

  /** Nothing is loaded: the rows themselves keep what is newer. */
  @Consumes(billingEvents)
  onBillingEvents() {
    return stagesForSome(billingEvents, {
      isKnownByState: () => true, // by epoch and sequence
      decide: { [usageCounted.type]: keepCount },
      save: (tx, changes) => this.usage.save(tx, changes),
    });
  }

  @Consumes(fulfillmentEvents)
  onFulfillmentEvents() {
    return stagesForSome(fulfillmentEvents, {
      key: stateKeyOf,
      concerns: mayChangeSomething,
      isKnownByState: ({ type }) => type !== purchaseUnresolved.type, // the first end stays
      load: (tx, keys) => this.purchases.lock(tx, keys.filter(isOfNoOperation)),
      decide: {
        [purchaseUnresolved.type]: markUnresolved,
        [operationVerified.type]: recordEndAtFirstLook,
        [operationSettled.type]: recordSettlement,
      },
      save: (tx, changes) => {
        this.purchases.save(tx, changes.filter(isNoDecision));
        this.decisions.save(tx, changes.filter(isDecision));
      },
    });
  }
}

type Consumed = MessageOf<typeof subscriptionDecisions> | MessageOf<typeof fulfillmentEvents>;

/** Of an operation the decision is the state: it is loaded by nobody, since the row itself keeps what came first. */
const stateKeyOf = ({ key, data }: Consumed): string => ('operationId' in data && 'registration' in data ? operationKey(data) : key);
/** Most first looks show an operation that is open. */
function mayChangeSomething(event: MessageOf<typeof fulfillmentEvents>): boolean {
  if (event.type === operationVerified.type) return showsEndOfChange(event);
  return event.type !== operationSettled.type || concernsAnswers(event);
}

const isOfNoOperation = (key: string): boolean => !key.includes('/');

const isDecision = (state: object): state is OperationDecision => 'verdict' in state;
const isNoDecision = <State extends object>(state: State): state is Exclude<State, OperationDecision> => !isDecision(state);
