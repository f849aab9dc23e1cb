import { done, Performs, UnitOfWork, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { follow, isSame } from './difference.domain';
import { followDifferences } from './difference.job';
import { DifferenceRepository, PAGE } from './difference.repository';

/** Tells subscription where the record and Microsoft differ, and no read tells it so: what is missing, and ends that an operator is asked about. */
@Controller()
export class DifferenceWorker {
  constructor(
    private readonly differences: DifferenceRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** What has been told is stored with the message that tells it: a page that is gone through again, after a crash, tells nothing more. */
  @Performs(followDifferences)
  async followPage({ payload: { registration, after }, correlationId }: JobOf<typeof followDifferences>): Promise<JobOutcome> {
    const page = await this.unitOfWork.inTransaction(async (tx, append) => {
      const leftovers = await this.differences.lockPage(tx, registration, after);
      const followed = leftovers.map((before) => ({ before, ...follow(before) }));
      const changed = followed.flatMap(({ before, leftover }) => (isSame(before, leftover) ? [] : [leftover]));
      if (changed.length > 0) await this.differences.save(tx, changed);
      append(
        followed.flatMap(({ effects }) => effects),
        { id: randomUUID(), correlationId }, // a page that is gone through again may tell of others
      );
      return leftovers;
    });
    return page.length < PAGE ? done() : done(followDifferences({ registration, after: page.at(-1)!.subscriptionId }));
  }
}
