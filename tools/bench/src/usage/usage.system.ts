import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Running, startParts, type Parts } from '../system/running';
import { BusinessClock } from './business.clock';
import { meter } from './usage.records';

export const offer = { publisherId: 'bench', offerId: 'bench', planId: 'metered' } as const;
/** Of Microsoft, to which the meter is mapped. */
export const dimension = 'email';

/** Billing alone, with a clock that can be moved on. Nobody takes its commands. */
export class UsageSystem extends Running {
  private constructor(
    parts: Parts,
    readonly clock: BusinessClock,
  ) {
    super(parts);
  }

  static async start(): Promise<UsageSystem> {
    const clock = await BusinessClock.start();
    try {
      return new UsageSystem(await startParts({ services: ['billing'], settings: (dir) => settings(dir, clock.url) }), clock);
    } catch (error) {
      clock.stop();
      throw error;
    }
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.clock.stop();
  }

  /** Of the one copy. */
  get pid(): number {
    return this.pids['billing']!;
  }
}

function settings(dir: string, clockUrl: string): Record<string, string> {
  const catalog = join(dir, 'catalog.yaml');
  const plans = { [offer.planId]: { meters: { [meter]: { dimension } } } };
  const offers = { [offer.offerId]: { displayName: 'Bench', plans } };
  writeFileSync(catalog, JSON.stringify({ publishers: { [offer.publisherId]: { offers } } }));
  return {
    ...{ CATALOG_FILE: catalog, CLOCK_URL: clockUrl },
    NODE_DISABLE_COMPILE_CACHE: '1', // as in the image: what the runner's cache gave a start stays in memory
    MARKETPLACE_API_URL: 'http://127.0.0.1:9', // nobody calls it: what would, is not started
  };
}
