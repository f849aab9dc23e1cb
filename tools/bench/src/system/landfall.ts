import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Watched } from '../measure/cpu';
import type { StubReady } from '../microsoft/main';
import { application, offer, plans } from '../microsoft/purchased';
import { Child } from './child';
import { EventReader } from './event.reader';
import { Running, startParts, type Parts } from './running';

/** So short that closing reads (rule 2) fall into the round that caused them, and are counted there. */
const copyLag = 'PT5S';

/** All services with the stub for Microsoft, and a reader of the public events. */
export class Landfall extends Running {
  private constructor(
    parts: Parts,
    readonly stub: Child,
    readonly microsoft: StubReady,
    readonly events: EventReader,
  ) {
    super(parts);
  }

  /** @param subscriptions so many are sold before the first round, and imported by the first sweep */
  static async start(subscriptions: number, say: (line: string) => void): Promise<Landfall> {
    say('Starting Postgres, Kafka and the services.');
    const stub = Child.start('microsoft/main', { SUBSCRIPTIONS: String(subscriptions) });
    try {
      const microsoft = await stub.says<StubReady>();
      const parts = await startParts({ settings: (dir) => settings(dir, microsoft.origin) });
      const landfall = new Landfall(parts, stub, microsoft, new EventReader(parts.kafka.brokers));
      await landfall.events.start().catch(async (error: unknown) => {
        await landfall.stop();
        throw error;
      });
      return landfall;
    } catch (error) {
      await stub.stop();
      throw error;
    }
  }

  override async stop(): Promise<void> {
    await Promise.allSettled([this.events.stop()]);
    await super.stop();
    await this.stub.stop();
  }

  override watched(others: Readonly<Record<string, number>> = {}): Watched {
    return super.watched({ stub: this.stub.pid, ...others });
  }

  get issuer(): string {
    return `${this.microsoft.origin}/${application.tenantId}/v2.0`;
  }
}

/** As a laptop has them, except that nothing is logged beyond what is logged where Landfall is deployed. */
function settings(dir: string, origin: string): Record<string, string> {
  const catalog = join(dir, 'catalog.yaml');
  const sold = plans.map((plan) => `          ${plan}: {}`).join('\n');
  writeFileSync(
    catalog,
    `publishers:\n  ${offer.publisherId}:\n    offers:\n      ${offer.offerId}:\n        displayName: Bench\n        plans:\n${sold}\n`,
  );
  return {
    CATALOG_FILE: catalog,
    MARKETPLACE_API_URL: `${origin}/api`,
    MARKETPLACE_APP_ID: application.appId,
    ENTRA_AUTHORITY_URL: origin,
    PUBLISHER_TENANT_ID: application.tenantId,
    PUBLISHER_CLIENT_ID: application.clientId,
    PUBLISHER_CLIENT_SECRET: application.clientSecret,
    SIGNIN_AUTHORITY_URL: `${origin}/common/v2.0`,
    SIGNIN_CLIENT_ID: application.clientId,
    SIGNIN_CLIENT_SECRET: application.clientSecret,
    FIRST_IMPORT: 'import',
    RECONCILE_INTERVAL: 'PT24H',
    COPY_LAG: copyLag,
  };
}
