import { AuthorityKeys } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { config } from '../gateway.config';
import { verifyWebhookToken, type Expected, type KeysByVersion, type TokenVerification } from './webhook.token';

/**
 * Who may call the webhook: Microsoft's application, with a token of the publisher's own tenant for the publisher's own application
 * (contract 2.3).
 */
@Injectable()
export class WebhookVerifier {
  private readonly expected: Expected;
  private readonly keys: KeysByVersion;

  constructor() {
    const { ENTRA_AUTHORITY_URL, PUBLISHER_TENANT_ID, PUBLISHER_CLIENT_ID, MARKETPLACE_APP_ID, WEBHOOK_AUDIENCE } = config.values;
    const tenantUrl = `${ENTRA_AUTHORITY_URL}/${PUBLISHER_TENANT_ID}`;
    this.expected = { tenantId: PUBLISHER_TENANT_ID, callerId: MARKETPLACE_APP_ID, audience: WEBHOOK_AUDIENCE ?? PUBLISHER_CLIENT_ID };
    this.keys = { '1.0': new AuthorityKeys(tenantUrl), '2.0': new AuthorityKeys(`${tenantUrl}/v2.0`) };
  }

  verify(header: string | undefined): Promise<TokenVerification> {
    return verifyWebhookToken(header, this.expected, this.keys);
  }
}
