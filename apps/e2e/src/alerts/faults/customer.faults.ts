import { eventually } from '../../eventually';
import type { Fault } from '../fault';
import type { RunningSystem } from '../running.system';

/** By its plan the example product makes a tenant, loses the request, or fails for good. */
const plans = { lost: 'gold', failed: 'platinum', released: 'enterprise' };

/** From now on the product behaves so for a plan, or as usual. */
function behave({ product }: RunningSystem, plan: string, behaviour?: { loses?: number; fails?: 'for-good' }): void {
  const { [plan]: _, ...others } = product.behaviour.byPlan;
  product.behaviour.byPlan = behaviour ? { ...others, [plan]: behaviour } : others;
}

async function untilTenant(system: RunningSystem, subscriptionId: string, state: string): Promise<void> {
  await eventually(async () => {
    const [tenant] = await system.sql('select state from provisioning.tenants where subscription_id = $1', [subscriptionId]);
    if (tenant?.['state'] !== state) throw new Error(`the tenant of ${subscriptionId} is ${String(tenant?.['state'])}, not ${state}`);
  });
}

export const silentProduct: Fault = {
  what: 'The product reads the request for a tenant and answers nothing',
  cure: 'it answers the next request',
  alerts: ['LandfallProductSilent', 'LandfallSetUpSlow'],
  async begin(system) {
    behave(system, plans.lost, { loses: Infinity });
    await system.confirmed({ planId: plans.lost });
  },
  async end(system) {
    behave(system, plans.lost);
  },
};

export const failingProduct: Fault = {
  what: 'The product answers that it can never make the tenant',
  cure: 'it makes the tenant all the same, and says so',
  alerts: ['LandfallSetUpFailed'],
  async begin(system) {
    behave(system, plans.failed, { fails: 'for-good' });
    await untilTenant(system, await system.confirmed({ planId: plans.failed, quantity: 20 }), 'failed');
  },
  async end(system) {
    behave(system, plans.failed);
    await system.product.catchUp();
  },
};

export const unreleasedTenant: Fault = {
  what: 'A purchase ends before its set-up does, and the product does not answer when it is asked to take the tenant back',
  cure: 'the product takes it back, and says so',
  alerts: ['LandfallTenantNotReleased'],
  async begin(system) {
    system.product.behaviour.losesReleases = true;
    behave(system, plans.released, { loses: Infinity });
    const subscriptionId = await system.confirmed({ planId: plans.released });
    await untilTenant(system, subscriptionId, 'requested');
    await system.microsoft.act(subscriptionId, 'unsubscribe');
    await untilTenant(system, subscriptionId, 'releasing');
  },
  async end(system) {
    behave(system, plans.released);
    system.product.behaviour.losesReleases = false;
    await system.product.catchUp();
  },
};

/** Bought from an offer whose plan needs an approval. */
export function unapproved(): Fault {
  let subscriptionId: string;
  return {
    what: 'A purchase needs an approval, and no operator looks',
    cure: 'it is approved',
    alerts: ['LandfallApprovalWaiting'],
    async begin(system) {
      subscriptionId = await system.confirmed(system.reviewed);
    },
    end: (system) => system.act('subscription', `/subscriptions/${subscriptionId}/approval`),
  };
}

/** A plan that Microsoft activates by itself. */
export function unconfirmed(): Fault {
  let purchase: Awaited<ReturnType<RunningSystem['arrive']>>;
  return {
    what: 'Microsoft activates a purchase by itself, and its customer does not confirm',
    cure: 'the customer confirms',
    alerts: ['LandfallUnserved'],
    async begin(system) {
      purchase = await system.arrive({ planId: 'instant', autoActivate: true });
    },
    end: () => purchase.goOn(),
  };
}
