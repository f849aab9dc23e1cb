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
import { HourActs } from './operator/hour.acts';
import { HourController } from './operator/hour.controller';
import { HourReader } from './operator/hour.reader';
import { DifferenceController } from './reconciliation/difference/difference.controller';
import { DifferenceDismissal } from './reconciliation/difference/difference.dismissal';
import { DifferenceReader } from './reconciliation/difference/difference.reader';
import { DifferenceRepository } from './reconciliation/difference/difference.repository';
import { ReconciliationMetrics } from './reconciliation/reconciliation.metrics';
import { UncertainRepository } from './reconciliation/uncertain.repository';
import { UsageComparison } from './reconciliation/usage.comparison';
import { UsageReadRepository } from './reconciliation/usage.read.repository';
import { AnswerRepository } from './report/answer.repository';
import { DecisionRepository } from './report/decision.repository';
import { LedgerRetention } from './retention/ledger.retention';
import { RetentionRepository } from './retention/retention.repository';
import { LedgerRepository } from './rounds/ledger.repository';
import { LedgerRounds } from './rounds/ledger.rounds';
import { BillingModes } from './shadow/billing.modes';
import { ModeRepository } from './shadow/mode.repository';
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
  controllers: [
    AuditController,
    BillingConsumer,
    DifferenceController,
    HourController,
    LedgerController,
    OpeningBalanceController,
    UsageConsumer,
    UsageController,
  ],
  providers: [
    SubscriptionRepository,
    Newcomers,
    LedgerMetrics,
    LedgerReader,
    LedgerRepository,
    LedgerRounds,
    AnswerRepository,
    LedgerRetention,
    RetentionRepository,
    BillingModes,
    ModeRepository,
    OpeningBalance,
    AuditMetrics,
    AuditRepository,
    AuditRuns,
    UsageAudit,
    DecisionRepository,
    UsageReadRepository,
    UncertainRepository,
    DifferenceRepository,
    DifferenceReader,
    DifferenceDismissal,
    UsageComparison,
    ReconciliationMetrics,
    HourActs,
    HourReader,
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
