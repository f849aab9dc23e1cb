import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Application } from '../../applications/application';
import type { Applications } from '../../applications/applications';
import { newSecretText, secretOf } from '../../applications/credentials';
import { limits } from '../../limits';
import type { Catalogue } from '../../offers/catalogue';
import { ControlInputError, parsed } from '../control.schemas';
import { applicationSchemas } from './application.schemas';

type ApplicationRequest = FastifyRequest<{ Params: { clientId: string } }>;
type Handler = (application: Application, request: ApplicationRequest, reply: FastifyReply) => unknown;

/**
 * The publishers' app registrations: further ones, and the mistakes that one may have (contract 2.1, 8 rows 3 and 33). A secret is shown
 * once, when it is made.
 */
export class ApplicationRoutes {
  constructor(
    private readonly applications: Applications,
    private readonly catalogue: Catalogue,
  ) {}

  register(server: FastifyInstance): void {
    const { applications } = this;
    const path = '/applications/:clientId';
    server.get('/applications', async () => ({ applications: applications.all().map((application) => this.view(application)) }));
    server.post('/applications', async (request, reply) => this.add(request, reply));
    server.get(
      path,
      this.ofApplication((application) => this.view(application)),
    );
    server.patch(
      path,
      this.ofApplication((application, { body }) => this.change(application, body)),
    );
    server.delete(
      path,
      this.ofApplication((application, _request, reply) => this.remove(application, reply)),
    );
  }

  private add(request: FastifyRequest, reply: FastifyReply) {
    const { applications } = this;
    const wanted = parsed(applicationSchemas.registration, request.body);
    const id = (wanted.clientId ?? randomUUID()).toLowerCase();
    if (applications.get(id)) return reply.code(409).send({ error: `There is an application ${id} already.` });
    if (applications.size >= limits.applications)
      throw new ControlInputError(`There are ${limits.applications} applications already; DELETE one, or POST /control/reset.`);
    const secret = wanted.secret ?? newSecretText();
    const application = applications.put({
      id,
      tenantId: wanted.tenantId?.toLowerCase() ?? applications.first.tenantId,
      technicalTenantId: wanted.technicalTenantId?.toLowerCase() ?? null,
      principalId: wanted.servicePrincipal === false ? null : randomUUID(),
      publishedToPreview: wanted.publishedToPreview ?? false,
      secrets: [secretOf(secret, wanted.secretExpiresAt)],
      certificates: [],
      federatedCredentials: [],
    });
    return reply.code(201).send({ ...this.view(application), clientSecret: secret });
  }

  private change(application: Application, body: unknown) {
    const { servicePrincipal, secretExpiresAt, technicalTenantId, publishedToPreview } = parsed(applicationSchemas.change, body);
    const { secrets, principalId } = application;
    const changed: Application = {
      ...application,
      publishedToPreview: publishedToPreview ?? application.publishedToPreview,
      technicalTenantId: technicalTenantId === undefined ? application.technicalTenantId : (technicalTenantId?.toLowerCase() ?? null),
      secrets: secretExpiresAt === undefined ? secrets : secrets.map((secret) => ({ ...secret, expiresAt: secretExpiresAt })),
      principalId: servicePrincipal === undefined ? principalId : servicePrincipal ? (principalId ?? randomUUID()) : null,
    };
    return this.view(this.applications.put(changed));
  }

  private remove(application: Application, reply: FastifyReply) {
    const { applications } = this;
    const offers = this.offersOf(application);
    if (application.id === applications.first.id)
      return reply.code(409).send({ error: `Application ${application.id} is the installation's own; it cannot be removed.` });
    if (offers.length > 0) return reply.code(409).send({ error: `Application ${application.id} has offers: ${offers.join(', ')}.` });
    applications.remove(application);
    return reply.code(204).send();
  }

  private view(application: Application) {
    const { id, tenantId, technicalTenantId, principalId, publishedToPreview, secrets, certificates, federatedCredentials } = application;
    return {
      clientId: id,
      tenantId,
      technicalTenantId: technicalTenantId ?? tenantId,
      servicePrincipalId: principalId,
      publishedToPreview,
      secrets: secrets.map((secret) => ({ secretId: secret.id, expiresAt: secret.expiresAt })),
      certificates: certificates.map(({ id: thumbprint, validTo }) => ({ thumbprint, validTo })),
      federatedCredentials: federatedCredentials.map(({ id: federatedCredentialId, issuer, subject, audience }) => ({
        federatedCredentialId,
        issuer,
        subject,
        audience,
      })),
      offers: this.offersOf(application),
    };
  }

  private offersOf(application: Application): string[] {
    const { applications, catalogue } = this;
    return catalogue.offers.filter((offer) => applications.mayUse(application, offer)).map(({ offerId }) => offerId);
  }

  private ofApplication(handler: Handler) {
    return async (request: ApplicationRequest, reply: FastifyReply) => {
      const application = this.applications.get(request.params.clientId);
      return application
        ? handler(application, request, reply)
        : reply.code(404).send({ error: `There is no application ${request.params.clientId}.` });
    };
  }
}
