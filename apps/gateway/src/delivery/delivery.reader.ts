import { instantColumn, run, type Transaction } from '@landfall/messaging';
import { Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { bodyOf } from '../webhook/webhook.body';
import { DELIVERIES_SHOWN, type DeliveryView } from './delivery.view';

/** What is needed to publish a delivery once more. */
export interface KeptDelivery {
  readonly id: string;
  readonly registration: string;
  readonly receivedAt: Date;
  /** As it came; null where only the claims of its token were kept. */
  readonly body: Buffer | null;
}

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

  /** By its id; empty where there is none. */
  async load(tx: Transaction, id: string): Promise<Map<string, KeptDelivery>> {
    const [row] = await run<{ id: string; registration: string; receivedAt: Date; encryptedBody: string | null }>(
      tx,
      `select id, registration, received_at as "receivedAt", encrypted_body as "encryptedBody"
         from gateway.webhook_deliveries where id = $1`,
      [id],
    );
    if (!row) return new Map();
    const { encryptedBody, ...kept } = row;
    return new Map([[id, { ...kept, body: encryptedBody ? bodyOf(await this.keyring.decryptColumn(encryptedBody)) : null }]]);
  }
}

const shownColumns = `id, registration, subscription_id as "subscriptionId", operation_id as "operationId", action,
  ${instantColumn('received_at')} as "receivedAt", answer, ${instantColumn('answered_at')} as "answeredAt"`;
