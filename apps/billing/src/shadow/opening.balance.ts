import { CatalogInForce } from '@landfall/catalog';
import { OperatorActs, type OperatorAct, type RecordedAct, type Transaction } from '@landfall/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { LedgerRepository } from '../rounds/ledger.repository';
import { SubscriptionRepository } from '../subscription/subscription.repository';
import { openWith, seenOf, type Accounts, type Opening } from './opening.balance.domain';

/** Gives a term what was used of it before Landfall counted. It is recorded as an act, in the transaction that does it. */
@Injectable()
export class OpeningBalance {
  constructor(
    private readonly acts: OperatorActs,
    private readonly subscriptions: SubscriptionRepository,
    private readonly ledgers: LedgerRepository,
    @Inject(CatalogInForce) private readonly catalog: Pick<CatalogInForce, 'current'>,
  ) {}

  /** @throws SubjectMissing, Refused */
  give(id: string, opening: Opening, by: OperatorAct): Promise<RecordedAct> {
    return this.acts.perform<Accounts>('opening-balance.give', `subscriptions/${id}`, by, {
      key: id,
      load: (tx) => this.load(tx, id),
      decide: (current) => openWith(current, opening, this.catalog.current),
      save: async (tx, [after]) => this.save(tx, after!),
      seen: seenOf,
    });
  }

  private async load(tx: Transaction, id: string): Promise<Map<string, Accounts>> {
    const known = await this.subscriptions.lockKnown(tx, [id]);
    const accounts = await this.ledgers.accountsOf(tx, [id]);
    return new Map([...known].map(([one, subscription]) => [one, { subscription, accounts: accounts.get(one) ?? [], opened: null }]));
  }

  /** The newest hour of use is counted again, which tells what is left now; unless its records are kept no longer. */
  private save(tx: Transaction, { subscription: { id }, opened }: Accounts): void {
    this.ledgers.saveAccounts(tx, [{ id, accounts: [opened!] }]);
    this.subscriptions.countAgain(tx, id, opened!.meter);
  }
}
