import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FaultRepository } from '../../faults/rule/fault.repository';
import { faultSchema, type FaultRule } from '../../faults/rule/fault.rule';
import { partsOf, presets } from '../../faults/profile/presets';
import { limits } from '../../limits';
import type { SettingsRepository } from '../../settings/settings.repository';
import { parsed } from '../control.schemas';

type RuleRequest = FastifyRequest<{ Params: { id: string } }>;

/** The control API's faults: what is to go wrong, to whom, and how often it did. */
export class FaultRoutes {
  constructor(
    private readonly faults: FaultRepository,
    private readonly settings: SettingsRepository,
  ) {}

  register(server: FastifyInstance): void {
    server.post('/faults', async (request, reply) => this.add(request, reply));
    server.get('/fault-profiles', async () => this.profiles());
    server.get('/faults', async () => ({ faults: this.faults.all().map(view) }));
    server.delete('/faults', async () => {
      const removed = this.faults.all().length;
      this.settings.change({ faultProfile: null }); // which takes its rules with it
      this.faults.clear();
      return { removed };
    });
    server.get(
      '/faults/:id',
      this.ofRule((rule) => view(rule)),
    );
    server.delete(
      '/faults/:id',
      this.ofRule((rule, reply) => {
        if (rule.profile !== undefined)
          return reply.code(409).send({ error: `${rule.name} belongs to the setting faultProfile; PATCH /control/settings changes that.` });
        this.faults.remove(rule.id);
        return view(rule);
      }),
    );
  }

  private profiles() {
    const { faultProfile } = this.settings.current;
    const inForce = faultProfile && { ...faultProfile, parts: partsOf(faultProfile) };
    return { inForce, presets };
  }

  private add(request: FastifyRequest, reply: FastifyReply) {
    const wanted = parsed(faultSchema, request.body);
    if (this.faults.isFull()) {
      return reply.code(409).send({ error: `There are ${limits.faultRules} faults already; DELETE /control/faults/{id} makes room.` });
    }
    return reply.code(201).send(view(this.faults.add(wanted)));
  }

  private ofRule(handler: (rule: FaultRule, reply: FastifyReply) => unknown) {
    return async (request: RuleRequest, reply: FastifyReply) => {
      const rule = this.faults.get(request.params.id);
      return rule
        ? handler(rule, reply)
        : reply.code(404).send({ error: `There is no fault ${request.params.id}; GET /control/faults lists them.` });
    };
  }
}

/**
 * A rule as it was asked for, with what was chosen for it and what it has done. `remaining` null: it fires for as long as it is in force.
 */
function view({
  id,
  name,
  on,
  skip,
  count,
  probability,
  per,
  also,
  profile,
  seed,
  fromMs,
  untilMs,
  beforeAuth,
  do: effects,
  createdAtMs,
  matched,
  fired,
}: FaultRule) {
  return {
    id,
    name,
    on,
    when: { skip, count, probability, per: per ?? 'match', seed, from: instant(fromMs), until: instant(untilMs), beforeAuth },
    also: also ?? false,
    ofProfile: profile !== undefined,
    do: effects,
    created: instant(createdAtMs),
    matched,
    fired,
    remaining: count === null ? null : count - fired,
  };
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
