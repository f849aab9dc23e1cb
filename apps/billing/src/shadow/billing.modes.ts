import { UnitOfWork, type Transaction } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Injectable, Logger } from '@nestjs/common';
import { config } from '../billing.config';
import { isoOf } from '../ledger/hours';
import { changeOfMode, type ModeSet } from '../ledger/mode.domain';
import { ModeRepository } from './mode.repository';

/** What `BILLING_MODE` says, and since which hour: kept, so that an hour that was shadowed stays so after the setting has changed. */
@Injectable()
export class BillingModes {
  private readonly logger = new Logger(BillingModes.name);
  private isKept = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly modes: ModeRepository,
    private readonly clock: Clock,
  ) {}

  /** Keeps what this copy was started with, once. Of copies that differ the one that started last decides. */
  async keep(): Promise<void> {
    if (this.isKept) return;
    const setting = config.values.BILLING_MODE.join(',');
    const change = await this.unitOfWork.inTransaction(async (tx) => {
      const found = changeOfMode(await this.modes.load(tx), setting, this.clock.now().getTime());
      if (found) this.modes.add(tx, found);
      return found;
    });
    this.isKept = true;
    if (change && change.from > 0)
      this.logger.warn({ setting, from: isoOf(change.from) }, 'BILLING_MODE has changed: it holds from then on');
  }

  /** All that were set, by their beginnings. */
  load(tx: Transaction): Promise<ModeSet[]> {
    return this.modes.load(tx);
  }
}
