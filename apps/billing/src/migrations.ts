import { messagingMigrations } from '@landfall/messaging';
import { CreateAudit1760000000003 } from './audit/create-audit.migration';
import { CreateBilling1760000000001 } from './create-billing.migration';
import { CreateReconciliation1760000000004 } from './reconciliation/create-reconciliation.migration';
import { CreateLedger1760000000002 } from './rounds/create-ledger.migration';

export const schema = 'billing';

/** In the order in which they run. */
export const migrations = [
  ...messagingMigrations(schema),
  CreateBilling1760000000001,
  CreateLedger1760000000002,
  CreateAudit1760000000003,
  CreateReconciliation1760000000004,
];
