import { CatalogModule } from '@landfall/catalog';
import { MessagingModule } from '@landfall/messaging';
import { ServiceModule } from '@landfall/service-defaults';
import { Module } from '@nestjs/common';
import { AuditController } from './audit/audit.controller';
import { AuditMetrics } from './audit/audit.metrics';
import { AuditRepository } from './audit/audit.repository';
import { AuditRuns } from './audit/audit.runs';
import { UsageAudit } from './audit/usage.audit';
import { config } from './billing.config';
import { BillingConsumer } from './billing.consumer';
import { AnswerRepository } from './report/answer.repository';
import { LedgerRepository } from './rounds/ledger.repository';
import { LedgerRounds } from './rounds/ledger.rounds';
import { BillingModes } from './shadow/billing.modes';
import { OpeningBalance } from './shadow/opening.balance';
import { OpeningBalanceController } from './shadow/opening.balance.controller';
import { SubscriptionRepository } from './subscription/subscription.repository';
import { HeldRelease } from './usage/held.release';
import { KnownOffers } from './usage/known.offers';
import { Newcomers } from './subscription/newcomers';
import { UsageCleaner } from './usage/usage.cleaner';
import { UsageConsumer } from './usage/usage.consumer';
import { UsageController } from './usage/usage.controller';
import { UsageIntake } from './usage/usage.intake';
import { UsageMetrics } from './usage/usage.metrics';
import { UsageReader } from './usage/usage.reader';
import { UsageRepository } from './usage/usage.repository';
import { UsageRequests } from './usage/usage.requests';
import { LedgerController } from './view/ledger.controller';
import { LedgerMetrics } from './view/ledger.metrics';
import { LedgerReader } from './view/ledger.reader';

@Module({
  imports: [ServiceModule.for(config), CatalogModule.for(config), MessagingModule.for('billing', config)],
  controllers: [AuditController, BillingConsumer, LedgerController, OpeningBalanceController, UsageConsumer, UsageController],
  providers: [
    SubscriptionRepository,
    Newcomers,
    LedgerMetrics,
    LedgerReader,
    LedgerRepository,
    LedgerRounds,
    AnswerRepository,
    BillingModes,
    OpeningBalance,
    AuditMetrics,
    AuditRepository,
    AuditRuns,
    UsageAudit,
    HeldRelease,
    KnownOffers,
    UsageCleaner,
    UsageIntake,
    UsageMetrics,
    UsageReader,
    UsageRepository,
    UsageRequests,
  ],
})
export class AppModule {}
