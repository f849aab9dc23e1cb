import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Operation } from './marketplace.api';
import { ProcessedOperation } from './processed-operation.entity';
import { Subscription } from './subscription.entity';

@Injectable()
export class SubscriptionService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Applies an operation once. False where that was done before. */
  apply(operation: Operation): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const { raw } = await manager
        .createQueryBuilder()
        .insert()
        .into(ProcessedOperation)
        .values({ operationId: operation.id })
        .orIgnore()
        .returning('"operationId"')
        .execute();
      if ((raw as unknown[]).length === 0) return false;
      await manager.update(Subscription, { id: operation.subscriptionId }, changeOf(operation));
      return true;
    });
  }
}

function changeOf({ action, planId, quantity }: Operation): Partial<Subscription> {
  switch (action) {
    case 'ChangePlan':
      return { planId };
    case 'ChangeQuantity':
      return { quantity };
    case 'Suspend':
      return { status: 'Suspended' };
    case 'Reinstate':
      return { status: 'Subscribed' };
    case 'Unsubscribe':
      return { status: 'Unsubscribed' };
  }
}
