import { limits } from '../../limits';
import { planOf, type MeteringDimension } from '../../offers/offer';
import type { Subscription } from '../../subscription/subscription';
import { stretchAt, type Stretch, type SubscriptionHistory } from '../../subscription/subscription.history';
import { agreedPlan } from '../../subscription/private.offer';
import { resourceUriOf, subscriptionIdIn } from '../azure.resource';
import type { UsageMarketplace } from './usage.marketplace';
import type { UsageRepository } from './usage.repository';
import type { UsageChance } from './usage.chance';
import type { ReportedUsage, UsageStatus, UsageOutcome } from './usage.event';
import { readUsage } from './usage.reading';

const hourMs = 3_600_000;

/** Whether the caller's application owns the offer of a subscription (contract 9.2, "Token binding"). */
export type MayUse = (subscription: Subscription) => boolean;

/** A refusal, where there is one; otherwise what was looked for. */
type Found<T> = { refused: UsageOutcome } | { found: T };

/** Decides about reported usage by the rules of contract 6.2 to 6.4, and stores what it accepts. */
export class UsageDecision {
  constructor(
    private readonly marketplace: Omit<UsageMarketplace, 'applications' | 'atomically'>,
    private readonly history: Pick<SubscriptionHistory, 'of'>,
    private readonly repository: UsageRepository,
    private readonly chance: Pick<UsageChance, 'isError'>,
  ) {}

  /** To be called inside `atomically`. The rules that need the fewest facts are checked first; Microsoft's own order is not published. */
  decide(raw: unknown, mayUse: MayUse): UsageOutcome {
    const reported = readUsage(raw);
    if (Array.isArray(reported)) return { status: 'BadArgument', problems: reported };
    const resource = refuseNumbers(reported, this.marketplace.clock.now()) ?? this.resourceOf(reported, mayUse);
    if ('refused' in resource) return resource.refused;
    const dimension = this.dimensionOf(reported, resource.found);
    return 'refused' in dimension ? dimension.refused : this.accept(reported, resource.found, dimension.found);
  }

  /** The subscription that the event is about. An Azure path is the wrong kind of id for SaaS (contract 6.2, 8-29). */
  private resourceOf({ resourceId, resourceUri = '' }: ReportedUsage, mayUse: MayUse): Found<Subscription> {
    const { subscriptions, settings } = this.marketplace;
    const isPath = resourceId === undefined ? settings.current.saasResourceUri === 'refused' : resourceId.startsWith('/');
    const subscription = resourceId === undefined ? this.byResourceUri(resourceUri) : subscriptions.get(resourceId);
    if (isPath || (subscription && !mayUse(subscription))) {
      return refused('ResourceNotAuthorized', 'Client is not authorized for this usage resource.', undefined, 'Forbidden');
    }
    return subscription
      ? { found: subscription }
      : refused('ResourceNotFound', 'The resource was not found.', resourceId === undefined ? 'resourceUri' : 'resourceId', 'NotFound');
  }

  private byResourceUri(resourceUri: string): Subscription | undefined {
    const subscription = this.marketplace.subscriptions.get(subscriptionIdIn(resourceUri) ?? '');
    const isIt = subscription && resourceUriOf(subscription, this.marketplace).toLowerCase() === resourceUri.toLowerCase();
    return isIt ? subscription : undefined;
  }

  /**
   * The dimension with its price, if the subscription is active, the plan is the one that it had then, and the dimension is enabled on
   * that.
   */
  private dimensionOf(reported: ReportedUsage, subscription: Subscription): Found<MeteringDimension> {
    const { settings, catalogue } = this.marketplace;
    const stretches = this.history.of(subscription);
    if (!this.isActive(subscription, stretchAt(stretches, reported.effectiveAtMs))) {
      return refused('ResourceNotActive', `The resource is not active: its subscription is ${subscription.status}.`, 'resourceId');
    }
    const held = plansHeld(stretches, reported.effectiveAtMs, settings.current.usagePlanHeld === 'hour');
    if (!held.includes(reported.planId)) {
      return refused('BadArgument', `The planId is not the one of the resource at that time, which is ${held.join(' or ')}.`, 'planId');
    }
    const plan = planOf(catalogue.offerOf(subscription), reported.planId);
    const termStart = stretchAt(stretches, reported.effectiveAtMs)?.term?.startDate ?? subscription.created;
    const dimensions = plan ? agreedPlan(plan, subscription, Date.parse(termStart)).meteringDimensions : [];
    const dimension = dimensions.find(({ id }) => id === reported.dimension);
    return dimension
      ? { found: dimension }
      : refused('InvalidDimension', `The dimension is not enabled on plan ${reported.planId}; ${listed(dimensions)}.`, 'dimension');
  }

  /** Only Subscribed ones; one that is cancelled for what was used before, while it was Subscribed (contract 6.3). */
  private isActive({ status }: Subscription, then: Stretch | undefined): boolean {
    if (status !== 'Unsubscribed') return status === 'Subscribed';
    return this.marketplace.settings.current.usageAfterUnsubscribe === 'accepted' && then?.status === 'Subscribed';
  }

  private accept(reported: ReportedUsage, subscription: Subscription, dimension: MeteringDimension): UsageOutcome {
    const { clock, settings } = this.marketplace;
    const { quantity, effectiveStartTime, effectiveAtMs, planId } = reported;
    const key = { subscriptionId: subscription.id, dimension: dimension.id, effectiveAtMs, planId };
    const earlier = this.repository.earlier(key, settings.current.usageDuplicateKey === 'with-plan');
    if (earlier) return { status: 'Duplicate', earlier };
    if (this.chance.isError())
      return refused('Error', 'The usage event could not be processed. Try again.', undefined, 'InternalServerError').refused;
    if (!this.repository.makeSpace(clock.now())) {
      const message =
        'The emulator has no room for more usage: all that it keeps still guards against duplicates. Try again in a day of its clock.';
      return refused('Error', message, undefined, 'ServiceUnavailable').refused;
    }
    const usage = { ...key, quantity, effectiveStartTime, messageTime: clock.timeStamp() };
    return { status: 'Accepted', event: this.repository.add(usage, dimension, clock.now() + settings.current.usageReconDelayMs) };
  }
}

/**
 * Refuses what is wrong by its numbers alone. Both edges of the window are in it: usage of 13:00 is taken until 13:00 of the next day
 * (contract 6.3).
 */
function refuseNumbers({ quantity, effectiveAtMs }: ReportedUsage, nowMs: number): { refused: UsageOutcome } | undefined {
  if (quantity <= 0) return refused('InvalidQuantity', 'The quantity must be greater than 0.', 'quantity');
  if (effectiveAtMs > nowMs) return refused('BadArgument', 'The effectiveStartTime is in the future.', 'effectiveStartTime');
  if (effectiveAtMs >= nowMs - limits.usageWindowMs) return undefined;
  return refused('Expired', 'The effectiveStartTime is more than 24 hours ago.', 'effectiveStartTime');
}

/** The plan at an instant, or all plans of the clock hour around it. */
function plansHeld(stretches: readonly Stretch[], atMs: number, isWholeHour: boolean): string[] {
  const hourStartMs = Math.floor(atMs / hourMs) * hourMs;
  const others = stretches.filter(({ fromMs }) => fromMs > hourStartMs && fromMs < hourStartMs + hourMs);
  const held = isWholeHour ? [stretchAt(stretches, hourStartMs), ...others] : [stretchAt(stretches, atMs)];
  return [...new Set(held.filter((stretch) => stretch !== undefined).map(({ planId }) => planId))];
}

function listed(dimensions: readonly MeteringDimension[]): string {
  return dimensions.length > 0 ? `enabled are ${dimensions.map(({ id }) => id).join(', ')}` : 'it has none';
}

function refused(
  status: Exclude<UsageStatus, 'Accepted' | 'Duplicate'>,
  message: string,
  target?: string,
  code = 'BadArgument',
): { refused: UsageOutcome } {
  return { refused: { status, problems: [{ message, ...(target ? { target } : {}), code }] } };
}
