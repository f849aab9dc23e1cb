import { messagingMigrations } from '@landfall/messaging';
import { CreateCalls1760000000002 } from './microsoft/create-calls.migration';
import { CreateOperations1760000000001 } from './operation/create-operations.migration';
import { NoteUnshownOperations1760000000003 } from './operation/note-unshown-operations.migration';

/** Everything that the schema of this room consists of, in the order in which it was added. */
export const migrations = [
  ...messagingMigrations('fulfillment'),
  CreateOperations1760000000001,
  CreateCalls1760000000002,
  NoteUnshownOperations1760000000003,
];
