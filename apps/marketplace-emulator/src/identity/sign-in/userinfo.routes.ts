import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JWTPayload } from 'jose';
import { graphAppId } from '../../installation/installation';
import type { Directory } from '../../people/directory';
import { consumerTenantId, type Person } from '../../people/person';
import type { BearerTokens } from '../token/bearer.tokens';

/** What a signed-in person's access token opens: OIDC's userinfo, and Graph's `/me` with the fields of contract 2.4. */
export class UserinfoRoutes {
  constructor(
    private readonly bearerTokens: BearerTokens,
    private readonly directory: Pick<Directory, 'get'>,
  ) {}

  register(server: FastifyInstance): void {
    const userinfo = async (request: FastifyRequest, reply: FastifyReply) => {
      const found = await this.find(request);
      if (!found) return reply.code(401).header('www-authenticate', 'Bearer error="invalid_token"').send({ error: 'invalid_token' });
      const { claims, person } = found;
      return { sub: claims.sub, name: person.displayName, ...(person.mail === null ? {} : { email: person.mail }) };
    };
    server.get('/oidc/userinfo', userinfo);
    server.post('/oidc/userinfo', userinfo);
    server.get('/graph/v1.0/me', async (request, reply) => {
      const found = await this.find(request);
      if (!found) return reply.code(401).send(graphError('InvalidAuthenticationToken', 'Access token is missing, not valid or expired.'));
      if (!mayReadUser(found.claims))
        return reply.code(403).send(graphError('Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'));
      return profileOf(found.person);
    });
  }

  private async find(request: FastifyRequest): Promise<{ claims: JWTPayload; person: Person } | undefined> {
    const claims = await this.bearerTokens.verify(request.headers.authorization, graphAppId);
    const person = this.directory.get(String(claims?.['oid']));
    return claims && person ? { claims, person } : undefined;
  }
}

/** Permissions that include reading one's own profile. */
const profilePermissions = new Set(['user.read', 'user.readwrite', 'user.read.all', '.default']);

function mayReadUser({ scp }: JWTPayload): boolean {
  return String(scp ?? '')
    .toLowerCase()
    .split(' ')
    .some((permission) => profilePermissions.has(permission));
}

/** `mail` is null for who has no mailbox; a personal account has no job (contract 2.4). */
function profileOf({ id, displayName, mail, userPrincipalName, tenantId }: Person) {
  const [givenName = null, ...others] = displayName.split(' ');
  return {
    id,
    displayName,
    givenName,
    surname: others.join(' ') || null,
    jobTitle: tenantId === consumerTenantId ? null : 'Buyer',
    mail,
    mobilePhone: null,
    businessPhones: [],
    officeLocation: null,
    preferredLanguage: null,
    userPrincipalName,
  };
}

function graphError(code: string, message: string) {
  return { error: { code, message } };
}
