import type { Run } from '@landfall/local';
import { z } from 'zod';

const token = z.object({ access_token: z.string() });
const row = z.looseObject({ usageResourceId: z.string(), dimension: z.string(), reconStatus: z.string(), submittedQuantity: z.number() });

/** Of Microsoft's marketplace API, by which its tokens are asked for (contract 2.1). */
const marketplaceApi = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

export interface ForeignUsage {
  readonly subscriptionId: string;
  readonly dimension: string;
  readonly planId: string;
  readonly quantity: number;
  readonly at: Date;
}

/** What a company has beside Landfall: it reports usage of the same offers to Microsoft with the same registration, and reads what is recorded there. */
export class OtherSystem {
  constructor(private readonly marketplace: NonNullable<Run['emulator']>) {}

  /** One event (contract 6.2). */
  async report({ subscriptionId, at, ...same }: ForeignUsage): Promise<void> {
    await this.ask('POST', '/usageEvent?', { resourceId: subscriptionId, effectiveStartTime: at.toISOString(), ...same });
  }

  /** What Microsoft's list has from a day on, by subscription and dimension (contract 6.5). */
  async listed(fromDay: string): Promise<Record<string, number>> {
    const sums: Record<string, number> = {};
    const rows = z.array(row).parse(await this.ask('GET', `/usageEvents?usageStartDate=${fromDay}&`));
    for (const { usageResourceId, dimension, submittedQuantity } of rows) {
      const key = `${usageResourceId} ${dimension}`;
      sums[key] = (sums[key] ?? 0) + submittedQuantity;
    }
    return sums;
  }

  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    const headers = { authorization: `Bearer ${await this.token()}`, 'content-type': 'application/json' };
    const request = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const answer = await fetch(`${this.marketplace.apiUrl}${path}api-version=2018-08-31`, request);
    if (!answer.ok) throw new Error(`Microsoft answered ${method} ${path} of another system with ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  private async token(): Promise<string> {
    const { authorityUrl, tenantId, clientId, clientSecret } = this.marketplace;
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${marketplaceApi}/.default`,
    };
    const answer = await fetch(`${authorityUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
    return token.parse(await answer.json()).access_token;
  }
}
