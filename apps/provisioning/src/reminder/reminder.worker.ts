import { done, UnitOfWork, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { ProvisioningTerms } from '../provisioning.terms';
import { remind } from './reminder.domain';
import { remindProduct } from './reminder.job';
import { TenantRepository } from '../tenant/tenant.repository';

@Controller()
export class ReminderWorker {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tenants: TenantRepository,
    private readonly terms: ProvisioningTerms,
  ) {}

  /** The next request and its own timer are written together with the state, so a second run after a crash finds that it was overtaken. */
  @Performs(remindProduct)
  async remind({ id, payload, correlationId, causationId, traceparent }: JobOf<typeof remindProduct>): Promise<JobOutcome> {
    await this.unitOfWork.transaction(payload.subscriptionId, {
      cause: { id, correlationId, causationId, traceparent },
      load: (tx) => this.tenants.lock(tx, [payload.subscriptionId]),
      decide: (change) => remind(change, payload, this.terms.current()),
      save: (tx, changes) => this.tenants.save(tx, changes),
    });
    return done();
  }
}
