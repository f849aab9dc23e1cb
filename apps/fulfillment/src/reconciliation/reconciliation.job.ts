import { registrationName, uuid } from '@landfall/contracts';
import { defineJob, type Effect } from '@landfall/messaging';
import { z } from 'zod';
import { findings } from './reconciliation';

/** Of the list of one publisher, at most one page or one batch of reads at a time: what customers and webhooks wait for comes first. */
const limits = { concurrency: 4 };

const tally = z.object({
  pages: z.int(),
  /** Read by Get. */
  read: z.int(),
  /** Handed to the record. */
  published: z.int(),
  /** Belong to another registration. */
  others: z.int(),
  /** Could not be read by Get. The next sweep tries again. */
  unread: z.int(),
  /** Entries of the list that not even say of which subscription they are: with one of them nothing can be called missing. */
  unnamed: z.int(),
  /** Read, but what awaits our answer could not be listed. It is asked for again when they are read next. */
  unlisted: z.int(),
  /** Outstanding operations that were taken up. */
  operations: z.int(),
});
export type Tally = z.infer<typeof tally>;
export const nothingYet: Tally = { pages: 0, read: 0, published: 0, others: 0, unread: 0, unnamed: 0, unlisted: 0, operations: 0 };

/** What the list did not show, as far as it has been counted: a piece at a time, in the order of the ids. */
const counted = z.object({
  /** The last subscription of the pieces before; null: nothing is counted yet. */
  upTo: uuid.nullable(),
  known: z.int(),
  missing: z.int(),
  /** Those that three sweeps in a row have not shown by now, and the first of them. */
  newlyMissing: z.int(),
  newlyMissingIds: z.array(uuid),
});
export type Counted = z.infer<typeof counted>;
export const nothingCounted: Counted = { upTo: null, known: 0, missing: 0, newlyMissing: 0, newlyMissingIds: [] };

const sweepStep = z.object({
  reconciliationId: uuid,
  registration: registrationName,
  isWhole: z.boolean(),
  mayImport: z.boolean(),
  /** The link to the page that is listed next; null for the first one. */
  link: z.string().nullable(),
  /** A link that a list in a circle comes back to. */
  landmark: z.string().nullable(),
  /** Every page was listed, or the list can't be followed further. */
  end: z.enum(['complete', 'incomplete']).nullable(),
  /** Pages in a row that showed nothing new. */
  barren: z.int(),
  /** Subscriptions of the pages before that have to be read. */
  toRead: z.array(uuid),
  /** Read, but what awaits our answer could not be listed: that is asked again behind the last page. */
  toList: z.array(uuid),
  tally,
  counted,
  /** Why it comes to its end early, where that is not the list. */
  failure: z.string().optional(),
});

/**
 * One step of a sweep: a page of the list, a batch of reads, or a piece of what is counted in the end. Where it stands is stored with it, so that after a crash the sweep goes on there; memory
 * and row hold one page at most.
 */
export const reconcile = defineJob('reconcile', sweepStep, {
  key: ({ registration }) => `reconcile:${registration}`,
  bypassesDead: true, // a sweep that died holds up no other
  onDead: (sweep, reason) => endAfter(sweep, reason),
  limits,
});

/** So much of an error is told with the end of a sweep. */
const FAILURE_CHARACTERS = 300;

/** A sweep that died goes no further, and its registration is not to wait for it: it ends as incomplete. Where it dies of that as well, it is ended as a silent one. */
function endAfter(sweep: z.infer<typeof sweepStep>, reason: string): Effect[] {
  if (sweep.failure !== undefined) return [];
  const failure = `its job died: ${reason}`.slice(0, FAILURE_CHARACTERS);
  return [reconcile({ ...sweep, end: 'incomplete', toRead: [], toList: [], failure })];
}

/** Reads what a sweep found, and kept back, and hands it to the record: nothing was kept back in the end, or an operator let it through. */
export const releaseFindings = defineJob(
  'release-findings',
  z.object({
    reconciliationId: uuid,
    registration: registrationName,
    findings: z.array(z.enum(findings)),
    /** Read by the step before, with which this one is recorded: they are kept back no more. */
    handedOver: z.array(uuid),
    /** Those of them whose end was told. */
    told: z.array(uuid),
  }),
  {
    key: ({ registration }) => `release:${registration}`,
    dedupe: ({ reconciliationId, findings: released }) => `${reconciliationId} ${released.join(' ')}`, // an operator may let through more than the sweep itself
    bypassesDead: true, // one that died holds up no other sweep's; where an operator retries it, it goes on where it stood
    limits,
  },
);
