import { instantColumn, run, SubjectMissing, type Transaction } from '@landfall/messaging';
import { DecryptionFailed, KeyMissing, Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { bodyOf } from '../webhook/webhook.body';
import { DELIVERIES_SHOWN, type DeliveryView } from './delivery.view';

/** What is needed to publish a delivery once more. */
export interface KeptDelivery {
  readonly id: string;
  readonly registration: string;
  readonly receivedAt: Date;
  /** As it came, or why it is not there. */
  readonly body: Buffer | MissingBody;
}

/** `not-kept`: only the claims of the token were, or what is personal was erased. `not-decryptable`: the key of that time is gone. */
export type MissingBody = 'not-kept' | 'not-decryptable';

/** What whoever asks for a delivery is told that is not there. */
export const noDelivery = (id: string): string =>
  `No delivery ${id} is stored. Deliveries are kept for 30 days; GET /deliveries lists those of a subscription`;

/** Reads stored deliveries for operators. */
@Injectable()
export class DeliveryReader {
  constructor(
    private readonly database: DataSource,
    private readonly keyring: Keyring,
  ) {}

  async find(id: string): Promise<DeliveryView | null> {
    const [found] = await this.database.query<DeliveryView[]>(`select ${shownColumns} from gateway.webhook_deliveries where id = $1`, [id]);
    return found ?? null;
  }

  /** The newest first. */
  list(subscriptionId: string): Promise<DeliveryView[]> {
    return this.database.query<DeliveryView[]>(
      `select ${shownColumns} from gateway.webhook_deliveries where subscription_id = $1 order by received_at desc, id limit $2`,
      [subscriptionId, DELIVERIES_SHOWN],
    );
  }

  /** By its id. @throws SubjectMissing where there is none */
  async load(tx: Transaction, id: string): Promise<Map<string, KeptDelivery>> {
    const [row] = await run<{ id: string; registration: string; receivedAt: Date; encryptedBody: string | null }>(
      tx,
      `select id, registration, received_at as "receivedAt", encrypted_body as "encryptedBody"
         from gateway.webhook_deliveries where id = $1`,
      [id],
    );
    if (!row) throw new SubjectMissing(noDelivery(id));
    const { encryptedBody, ...kept } = row;
    return new Map([[id, { ...kept, body: encryptedBody === null ? 'not-kept' : await this.opened(encryptedBody) }]]);
  }

  private async opened(encryptedBody: string): Promise<Buffer | MissingBody> {
    try {
      return bodyOf(await this.keyring.decryptColumn(encryptedBody));
    } catch (error) {
      if (error instanceof KeyMissing || error instanceof DecryptionFailed) return 'not-decryptable';
      throw error;
    }
  }
}

const shownColumns = `id, registration, subscription_id as "subscriptionId", operation_id as "operationId", action,
  ${instantColumn('received_at')} as "receivedAt", answer, ${instantColumn('answered_at')} as "answeredAt"`;
