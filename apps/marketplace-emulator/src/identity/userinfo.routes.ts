import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { graphAppId } from '../installation/installation';
import type { People } from '../people/people';
import type { Person } from '../people/person';
import type { BearerTokens } from './bearer.tokens';

/** What a signed-in person's access token opens: OIDC's userinfo, and Graph's `/me` with the fields of contract 2.4. */
export class UserinfoRoutes {
  constructor(
    private readonly bearerTokens: BearerTokens,
    private readonly people: People,
  ) {}

  register(server: FastifyInstance): void {
    const userinfo = (request: FastifyRequest, reply: FastifyReply) =>
      this.answer(request, reply, (person, sub) => ({
        sub,
        name: person.displayName,
        ...(person.mail === null ? {} : { email: person.mail }),
      }));
    server.get('/oidc/userinfo', userinfo);
    server.post('/oidc/userinfo', userinfo);
    server.get('/graph/v1.0/me', (request, reply) =>
      this.answer(request, reply, (person) => ({
        id: person.id,
        displayName: person.displayName,
        mail: person.mail,
        userPrincipalName: person.userPrincipalName,
        preferredLanguage: null,
      })),
    );
  }

  private async answer(request: FastifyRequest, reply: FastifyReply, show: (person: Person, sub: string) => object) {
    const claims = await this.bearerTokens.verify(request.headers.authorization, graphAppId);
    const person = this.people.get(String(claims?.['oid']));
    if (!claims || !person) {
      return reply.code(401).header('www-authenticate', 'Bearer error="invalid_token"').send({ error: 'invalid_token' });
    }
    return show(person, String(claims.sub));
  }
}
