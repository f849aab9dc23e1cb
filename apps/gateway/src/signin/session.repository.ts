import { Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { hashOf } from '../landing/browser';
import type { SignedIn } from './signin.provider';

/** One person's sessions at the same time, in all their browsers: a further sign-in ends the oldest. */
export const SESSIONS_PER_PERSON = 20;

/** Who is signed in. The cookie's secret is kept as a hash, what is personal encrypted. */
@Injectable()
export class SessionRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
  ) {}

  async add(secret: string, { tenantId, objectId, email, name }: SignedIn, expiresAt: Date): Promise<void> {
    await this.dataSource.query(
      `insert into gateway.sessions (id_hash, tenant_id, object_id, encrypted_profile, expires_at) values ($1, $2, $3, $4, $5)`,
      [hashOf(secret), tenantId, objectId, await this.keyring.encryptColumn(JSON.stringify({ email, name })), expiresAt],
    );
    await this.dataSource.query(
      `delete from gateway.sessions where id_hash in (
         select id_hash from gateway.sessions where tenant_id = $1 and object_id = $2 order by expires_at desc offset ${SESSIONS_PER_PERSON})`,
      [tenantId, objectId],
    );
  }

  async find(secret: string, now: Date): Promise<SignedIn | undefined> {
    const [row] = await this.dataSource.query<{ tenantId: string; objectId: string; profile: string }[]>(
      `select tenant_id as "tenantId", object_id as "objectId", encrypted_profile as profile
         from gateway.sessions where id_hash = $1 and expires_at > $2`,
      [hashOf(secret), now],
    );
    if (!row) return undefined;
    const profile = JSON.parse(await this.keyring.decryptColumn(row.profile)) as Pick<SignedIn, 'email' | 'name'>;
    return { tenantId: row.tenantId, objectId: row.objectId, ...profile };
  }

  async remove(secret: string): Promise<void> {
    await this.dataSource.query(`delete from gateway.sessions where id_hash = $1`, [hashOf(secret)]);
  }
}
