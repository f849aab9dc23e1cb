import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallLedger } from '../../calls/call.ledger';
import type { SigningKeys } from '../../identity/token/signing.keys';
import type { People } from '../../people/people';
import type { SettingsRepository } from '../../settings/settings.repository';
import { ControlInputError, controlSchemas, parsed } from '../control.schemas';
import { listSchemas } from '../list.schemas';

const listedByDefault = 200;

/** The control API's calls, settings, keys and people, and the reset. */
export class InspectionRoutes {
  constructor(
    private readonly people: People,
    private readonly settings: SettingsRepository,
    private readonly ledger: CallLedger,
    private readonly keys: SigningKeys,
    private readonly reset: () => void,
  ) {}

  register(server: FastifyInstance): void {
    const { settings, people } = this;
    server.get('/calls', async (request) => ({ calls: this.newest(request, this.ledger.calls) }));
    server.get('/settings', async () => settings.current);
    server.patch('/settings', async (request) => settings.change(parsed(controlSchemas.settings, request.body)));
    server.post('/keys/rotate', async (request) => ({ kid: await this.keys.rotate(parsed(controlSchemas.rotation, request.body)) }));
    server.get('/people', async (request) => people.page(parsed(listSchemas.people, request.query)));
    server.post('/people', async (request, reply) => this.addPerson(request, reply));
    server.post('/reset', async () => {
      this.reset();
      return { reset: true };
    });
  }

  /** The newest entries, oldest of them first; of one subscription where one is named. */
  private newest<T extends { subscriptionId: string | null }>(
    request: FastifyRequest,
    ring: { newest(count: number, fits: (entry: T) => boolean): T[] },
  ): T[] {
    const { subscriptionId, limit = listedByDefault } = parsed(controlSchemas.list, request.query);
    return ring.newest(limit, (entry) => subscriptionId === undefined || entry.subscriptionId === subscriptionId.toLowerCase());
  }

  private addPerson(request: FastifyRequest, reply: FastifyReply) {
    if (this.people.isFull()) throw new ControlInputError('No more people can be added; POST /control/reset makes room.');
    return reply.code(201).send(this.people.add(parsed(controlSchemas.person, request.body)));
  }
}
