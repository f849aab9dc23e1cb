import type { FastifyInstance } from 'fastify';
import type { Observer } from '../breaches/observer';
import type { CallLedger } from '../calls/call.ledger';
import type { Clock } from '../time/clock';
import type { BadTokenSigner } from '../webhook/token/bad.token.signer';

/** Addresses that only a forged token leads to. Every call of them is listed by `GET /control/calls`. */
export class TrapRoutes {
  constructor(
    private readonly signer: BadTokenSigner,
    private readonly ledger: CallLedger,
    private readonly clock: Clock,
    private readonly observer: Observer,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/traps/keys', async (request, reply) => {
      const keys = await this.signer.ownKeys();
      this.ledger.record({
        direction: 'inbound',
        surface: 'trap',
        method: request.method,
        path: request.url,
        status: 200,
        tookMs: Math.round(reply.elapsedTime),
        requestId: null,
        correlationId: null,
        subscriptionId: null,
        operationId: null,
        faultId: null,
      });
      const hadToken = request.headers.authorization !== undefined;
      this.observer.notify({
        kind: 'trap-visited',
        atMs: this.clock.now(),
        trap: 'foreign-keys',
        method: 'GET',
        path: '/traps/keys',
        hadToken,
      });
      return keys;
    });
  }
}
