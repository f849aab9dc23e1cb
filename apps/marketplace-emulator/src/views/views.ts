import { join } from 'node:path';
import { Eta } from 'eta';
import type { FastifyReply } from 'fastify';

/** The emulator's few pages: rendered here, without scripts and without anything from elsewhere. */
export class Views {
  private readonly eta = new Eta({ views: join(__dirname), cache: true });

  page(reply: FastifyReply, view: string, data: object): FastifyReply {
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'same-origin')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
      )
      .send(this.eta.render(`./${view}`, data));
  }
}
