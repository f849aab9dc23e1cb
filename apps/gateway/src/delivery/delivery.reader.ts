import { instantColumn, pageOf, run, SubjectMissing, type Page, type Transaction } from '@landfall/messaging';
import { DecryptionFailed, KeyMissing, Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { bodyOf } from '../webhook/webhook.body';
import type { DeliveryQuery, DeliveryView } from './delivery.view';

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

  /** The newest first. What comes meanwhile is on the first page alone. */
  async list({ subscriptionId, limit, after }: DeliveryQuery): Promise<Page<DeliveryView>> {
    const [receivedAt, id] = after?.split('_') ?? [null, null];
    const rows = await this.database.query<(DeliveryView & { cursor: string })[]>(
      `select ${shownColumns}, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || id as cursor
         from gateway.webhook_deliveries
        where subscription_id = $1 and ($2::timestamptz is null or (received_at, id) < ($2::timestamptz, $3::uuid))
        order by received_at desc, id desc limit $4`,
      [subscriptionId, receivedAt, id, limit + 1],
    );
    return pageOf(
      rows,
      limit,
      ({ cursor }) => cursor,
      ({ cursor: _cursor, ...delivery }) => delivery,
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
