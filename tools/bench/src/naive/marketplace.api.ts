import { Injectable } from '@nestjs/common';
import { config } from './naive.config';

/** An operation as Get Operation shows it. */
export interface Operation {
  id: string;
  subscriptionId: string;
  action: 'ChangePlan' | 'ChangeQuantity' | 'Suspend' | 'Reinstate' | 'Unsubscribe';
  status: string;
  planId: string;
  quantity: number;
}

const refreshBeforeEndMs = 5 * 60_000;

/** Calls of the marketplace, with an access token that is kept until five minutes before its end. */
@Injectable()
export class MarketplaceApi {
  private token: { value: string; goodUntil: number } | undefined;

  async getOperation(subscriptionId: string, operationId: string): Promise<Operation> {
    const answer = await this.call('GET', subscriptionId, operationId);
    return (await answer.json()) as Operation;
  }

  async acknowledge(subscriptionId: string, operationId: string): Promise<void> {
    const answer = await this.call('PATCH', subscriptionId, operationId, { status: 'Success' });
    await answer.arrayBuffer(); // the connection is free again when the body was read
  }

  private async call(method: string, subscriptionId: string, operationId: string, body?: object): Promise<Response> {
    const url = `${config.marketplaceUrl}/saas/subscriptions/${subscriptionId}/operations/${operationId}?api-version=2018-08-31`;
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${await this.accessToken()}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} operation was answered ${answer.status}`);
    return answer;
  }

  private async accessToken(): Promise<string> {
    if (this.token && this.token.goodUntil > Date.now()) return this.token.value;
    const answer = await fetch(`${config.authorityUrl}/${config.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: config.clientId,
        client_secret: config.clientSecret,
        scope: `${config.marketplaceAppId}/.default`,
      }),
    });
    if (!answer.ok) throw new Error(`The token endpoint answered ${answer.status}`);
    const { access_token, expires_in } = (await answer.json()) as { access_token: string; expires_in: number };
    this.token = { value: access_token, goodUntil: Date.now() + Number(expires_in) * 1000 - refreshBeforeEndMs };
    return access_token;
  }
}
