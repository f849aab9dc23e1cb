import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { application } from '../microsoft/purchased';
import { Running, startParts, type Parts } from '../system/running';
import { BusinessClock } from '../usage/business.clock';
import { offer } from '../usage/usage.system';
import type { ComparisonPlan } from './comparison.plan';
import { ListedUsage } from './listed.usage';

/** Billing and fulfillment, with a clock that can be moved on, and Microsoft's list of usage. */
export class ComparisonSystem extends Running {
  private constructor(
    parts: Parts,
    readonly clock: BusinessClock,
    readonly microsoft: ListedUsage,
  ) {
    super(parts);
  }

  static async start(plan: ComparisonPlan): Promise<ComparisonSystem> {
    const clock = await BusinessClock.start();
    const microsoft = await ListedUsage.start(plan);
    try {
      const parts = await startParts({
        services: ['billing', 'fulfillment'],
        settings: (dir) => settings(dir, plan, { clockUrl: clock.url, origin: microsoft.origin }),
      });
      return new ComparisonSystem(parts, clock, microsoft);
    } catch (error) {
      clock.stop();
      microsoft.stop();
      throw error;
    }
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.clock.stop();
    this.microsoft.stop();
  }

  pidOf(service: 'billing' | 'fulfillment'): number {
    return this.pids[service]!;
  }
}

interface Places {
  readonly clockUrl: string;
  readonly origin: string;
}

/** The nightly audit comes after the comparison, and so not into what is measured. */
function settings(dir: string, { dimensions }: ComparisonPlan, { clockUrl, origin }: Places): Record<string, string> {
  const catalog = join(dir, 'catalog.yaml');
  const meters = Object.fromEntries(Array.from({ length: dimensions }, (_, number) => [`m${number}`, { dimension: `d${number}` }]));
  const plans = { [offer.planId]: { meters } };
  writeFileSync(
    catalog,
    JSON.stringify({ publishers: { [offer.publisherId]: { offers: { [offer.offerId]: { displayName: 'Bench', plans } } } } }),
  );
  return {
    ...{ CATALOG_FILE: catalog, CLOCK_URL: clockUrl },
    ...{ MARKETPLACE_API_URL: `${origin}/api`, MARKETPLACE_APP_ID: application.appId, ENTRA_AUTHORITY_URL: origin },
    ...{ PUBLISHER_TENANT_ID: application.tenantId, PUBLISHER_CLIENT_ID: application.clientId },
    ...{ PUBLISHER_CLIENT_SECRET: application.clientSecret, FIRST_IMPORT: 'import', RECONCILE_INTERVAL: 'PT24H' },
    ...{ USAGE_COMPARED_AT: '03:00', USAGE_AUDIT_AT: '04:00', USAGE_COMPARISON_INTERVAL: 'PT1S' },
  };
}
