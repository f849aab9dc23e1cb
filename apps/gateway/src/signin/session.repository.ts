import { run } from '@landfall/messaging';
import { Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { hashOf } from '../landing/browser';
import type { SignedIn } from './signin.provider';

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

  async addAttempt(attempt: Attempt & { state: string; browser: string; expiresAt: Date }): Promise<void> {
    const { state, browser, verifier, nonce, purchaseId, expiresAt } = attempt;
    await this.dataSource.query(
      `insert into gateway.signin_attempts (state_hash, browser_hash, encrypted_secrets, purchase_id, expires_at) values ($1, $2, $3, $4, $5)`,
      [hashOf(state), hashOf(browser), await this.keyring.encryptColumn(JSON.stringify({ verifier, nonce })), purchaseId, expiresAt],
    );
  }

  /** An attempt can be ended once, and only by the browser that began it: nobody is signed in by a link that somebody else made. */
  async takeAttempt(state: string, browser: string, now: Date): Promise<Attempt | undefined> {
    const [row] = await this.dataSource.transaction((tx) =>
      run<{ secrets: string; purchaseId: string | null }>(
        tx,
        `delete from gateway.signin_attempts where state_hash = $1 and browser_hash = $2 and expires_at > $3
         returning encrypted_secrets as secrets, purchase_id as "purchaseId"`,
        [hashOf(state), hashOf(browser), now],
      ),
    );
    if (!row) return undefined;
    const secrets = JSON.parse(await this.keyring.decryptColumn(row.secrets)) as Pick<Attempt, 'verifier' | 'nonce'>;
    return { ...secrets, purchaseId: row.purchaseId };
  }
}

/** A sign-in that is under way at the identity service. */
export interface Attempt {
  readonly verifier: string;
  readonly nonce: string;
  /** Where to go on afterwards. */
  readonly purchaseId: string | null;
}
