import { Background, changed, ignored, UnitOfWork, type Effect, type Outcome } from '@landfall/messaging';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { config } from '../fulfillment.config';
import { RegistrationClients } from '../registration/registration.clients';
import { nothingYet, reconcile } from './reconciliation.job';
import { beginReconciliationsAtZero } from './reconciliation.metrics';
import { ReconciliationRepository, type Beginning, type Schedule } from './reconciliation.repository';

/** Between two looks whether a sweep is due. */
const LOOK_INTERVAL_MS = 5_000;
/** How long a stop waits for the statement that is under way. */
const STOP_LIMIT_MS = 5_000;

/** A schedule with the sweep that is to begin. */
export interface Started extends Schedule {
  readonly begins?: Beginning;
}

/** Begins the sweep of a registration; one that runs already is joined. */
export function startSweep(schedule: Schedule, occasion: Beginning['occasion'], id: string): Outcome<Started> {
  if (schedule.running !== null) return ignored('a sweep of this registration is under way');
  const { registration, isWholeDue: isWhole, mayImport } = schedule;
  const first: Effect = reconcile({
    ...{ reconciliationId: id, registration, isWhole, mayImport },
    ...{ link: null, landmark: null, end: null, barren: 0, toRead: [], toList: [], tally: nothingYet },
  });
  return changed({ ...schedule, running: id, begins: { id, registration, occasion, isWhole } }, first);
}

/** Begins a sweep of each registration when the time since the one before is over. */
@Injectable()
export class ReconciliationTimer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Reconciliation');
  private readonly background = new Background({
    name: ReconciliationTimer.name,
    round: async () => {
      await this.look();
      return LOOK_INTERVAL_MS;
    },
    failure: 'it could not be seen whether a sweep is due; the next round tries again',
    errorPauseMs: LOOK_INTERVAL_MS,
  });
  private isScheduled = false;

  constructor(
    private readonly reconciliations: ReconciliationRepository,
    private readonly clients: RegistrationClients,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  onApplicationBootstrap(): void {
    beginReconciliationsAtZero(this.clients.names);
    this.background.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /** A database that is away when the service starts is waited for, as by everything else. */
  async look(): Promise<void> {
    const { RECONCILE_INTERVAL, FIRST_IMPORT } = config.values;
    if (!this.isScheduled) await this.reconciliations.schedule(this.clients.names, RECONCILE_INTERVAL, FIRST_IMPORT === 'import');
    this.isScheduled = true;
    for (const registration of await this.reconciliations.endSilent())
      this.logger.error({ registration }, 'nothing was heard of a sweep for a day: another one begins');
    for (const registration of await this.reconciliations.due(this.clients.names)) await this.begin(registration);
  }

  /** Where two copies of the service do it at the same time, the second finds it begun. */
  private async begin(registration: string): Promise<void> {
    await this.unitOfWork.transaction<Started>(registration, {
      load: (tx) => this.reconciliations.lockSchedule(tx, registration),
      decide: (schedule) => (schedule?.isDue ? startSweep(schedule, 'timer', randomUUID()) : ignored('it is not due any more')),
      save: async (tx, [started]) => {
        if (started?.begins) await this.reconciliations.begin(tx, started.begins);
      },
    });
  }
}
