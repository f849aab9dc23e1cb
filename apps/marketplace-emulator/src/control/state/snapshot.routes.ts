import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { limits } from '../../limits';
import { readBodiesAsJson } from '../../request.bodies';
import { linesOf, snapshotFormat, snapshotVersion, type SnapshotSummary } from '../../snapshots/snapshot';
import type { SnapshotRefusal, SnapshotRepository } from '../../snapshots/snapshot.repository';
import type { Document } from '../../state/document.store';
import { ControlInputError, parsed } from '../control.schemas';

const name = z.string().regex(/^[\w][\w.-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores');

const snapshotSchemas = {
  taking: z.strictObject({ name }),
  /** A file that a download gave. Its documents are taken as they are. */
  file: z.strictObject({
    format: z.literal(snapshotFormat, `must be '${snapshotFormat}': this is no snapshot of the emulator`),
    version: z.literal(snapshotVersion, `must be ${snapshotVersion}: this snapshot was written by another version of the emulator`),
    takenAt: z.iso.datetime().refine((text) => Date.parse(text) < limits.latestBusinessTimeMs, 'must be before the year 9000'),
    documents: z
      .record(z.string(), z.array(z.looseObject({ id: z.string().min(1).max(500) })))
      .refine(({ subscription = [] }) => arePlaced(subscription), {
        path: ['subscription'],
        error: `must have a position each, a whole number below ${limits.subscriptions} that no other one has`,
      }),
  }),
} as const;

type NamedRequest = FastifyRequest<{ Params: { name: string } }>;

/** The control API's snapshots: take, list, restore, delete, and carry from one emulator to another. */
export class SnapshotRoutes {
  constructor(
    private readonly snapshots: SnapshotRepository,
    private readonly kinds: () => string[],
  ) {}

  register(server: FastifyInstance): void {
    server.post('/snapshots', async (request, reply) => {
      const { name } = parsed(snapshotSchemas.taking, request.body);
      return sendKept(reply, await this.snapshots.take(name));
    });
    server.get('/snapshots', async () => ({ snapshots: this.snapshots.all() }));
    server.get('/snapshots/:name', async (request: NamedRequest, reply) => this.download(request, reply));
    server.post('/snapshots/:name/restore', async ({ params }: NamedRequest, reply) => {
      return this.snapshots.restore(params.name) ?? unknown(reply, params.name);
    });
    server.delete('/snapshots/:name', async ({ params }: NamedRequest, reply) => {
      return this.snapshots.delete(params.name) ? reply.code(204).send() : unknown(reply, params.name);
    });
    void server.register(async (uploads) => {
      readBodiesAsJson(uploads, limits.snapshotUploadBytes);
      uploads.put('/snapshots/:name', { bodyLimit: limits.snapshotUploadBytes }, async (request: NamedRequest, reply) =>
        this.upload(request, reply),
      );
    });
  }

  private download({ params }: NamedRequest, reply: FastifyReply) {
    const [summary, contents] = [this.snapshots.get(params.name), this.snapshots.contentsOf(params.name)];
    if (!summary || !contents) return unknown(reply, params.name);
    return reply.type('application/json').send(Readable.from(linesOf(summary.takenAt, contents)));
  }

  private async upload(request: NamedRequest, reply: FastifyReply) {
    const { name } = parsed(snapshotSchemas.taking, request.params);
    const { takenAt, documents } = parsed(snapshotSchemas.file, request.body);
    const kinds = this.kinds();
    const foreign = Object.keys(documents).find((kind) => !kinds.includes(kind));
    if (foreign !== undefined) {
      throw new ControlInputError(`This emulator keeps nothing of the kind '${foreign}'.`, [
        { field: `documents.${foreign}`, problem: `must be one of ${kinds.join(', ')}` },
      ]);
    }
    return sendKept(reply, await this.snapshots.keep(name, takenAt, new Map<string, Document[]>(Object.entries(documents))));
  }
}

/** Lists go through the positions one by one: a very high one would take long, and of two at the same place one would be in no list. */
function arePlaced(subscriptions: Record<string, unknown>[]): boolean {
  const positions = new Set(subscriptions.map((subscription) => subscription['position']));
  const isPlace = (position: unknown) => Number.isInteger(position) && Number(position) >= 0 && Number(position) < limits.subscriptions;
  return positions.size === subscriptions.length && [...positions].every(isPlace);
}

function sendKept(reply: FastifyReply, kept: SnapshotSummary | SnapshotRefusal) {
  return 'refused' in kept ? reply.code(409).send({ error: kept.refused }) : reply.code(201).send(kept);
}

function unknown(reply: FastifyReply, name: string) {
  return reply.code(404).send({ error: `There is no snapshot ${name}; GET /control/snapshots lists what there is.` });
}
