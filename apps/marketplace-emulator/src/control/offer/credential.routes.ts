import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Application } from '../../applications/application';
import type { Applications } from '../../applications/applications';
import { certificateOf, newSecretText, publicKeyOf, secretOf } from '../../applications/credentials';
import { limits } from '../../limits';
import { ControlInputError, parsed } from '../control.schemas';
import { applicationSchemas } from './application.schemas';

type Kind = 'secrets' | 'certificates' | 'federatedCredentials';
type Request = FastifyRequest<{ Params: { clientId: string; credentialId: string } }>;
/** Adds the credential in the body and returns the answer. */
type Addition = (application: Application, body: unknown) => object;

/** What an application may prove itself with (contract 2.1): secrets, certificates, and workloads of another identity provider. */
export class CredentialRoutes {
  constructor(private readonly applications: Applications) {}

  register(server: FastifyInstance): void {
    this.registerKind(server, 'secrets', 'secrets', (application, body) => this.addSecret(application, body));
    this.registerKind(server, 'certificates', 'certificates', (application, body) => this.addCertificate(application, body));
    this.registerKind(server, 'federated-credentials', 'federatedCredentials', (application, body) => this.addFederated(application, body));
  }

  private registerKind(server: FastifyInstance, path: string, kind: Kind, add: Addition): void {
    server.post(`/applications/:clientId/${path}`, async (request: Request, reply) => {
      const application = this.applications.get(request.params.clientId);
      if (!application) return unknown(reply, request);
      if (application[kind].length >= limits.credentialsPerApplication)
        throw new ControlInputError(`An application has at most ${limits.credentialsPerApplication} ${path}; DELETE one first.`);
      return reply.code(201).send(add(application, request.body));
    });
    server.delete(`/applications/:clientId/${path}/:credentialId`, async (request: Request, reply) => {
      const application = this.applications.get(request.params.clientId);
      const wanted = request.params.credentialId.toLowerCase();
      if (!application?.[kind].some(({ id }) => id.toLowerCase() === wanted)) return unknown(reply, request);
      this.applications.put({ ...application, [kind]: application[kind].filter(({ id }) => id.toLowerCase() !== wanted) });
      return reply.code(204).send();
    });
  }

  private addSecret(application: Application, body: unknown) {
    const { secret = newSecretText(), expiresAt } = parsed(applicationSchemas.secret, body);
    const added = secretOf(secret, expiresAt);
    this.applications.put({ ...application, secrets: [...application.secrets, added] });
    return { secretId: added.id, clientSecret: secret, expiresAt: added.expiresAt };
  }

  private addCertificate(application: Application, body: unknown) {
    const { certificate: pem } = parsed(applicationSchemas.certificate, body);
    const added = readField('certificate', () => certificateOf(pem));
    this.applications.addCertificate(application, added);
    return { thumbprint: added.id, sha256: added.sha256, validFrom: added.validFrom, validTo: added.validTo };
  }

  private addFederated(application: Application, body: unknown) {
    const { jwk, ...wanted } = parsed(applicationSchemas.federatedCredential, body);
    const publicKey = readField('jwk', () => publicKeyOf(jwk));
    const added = { id: randomUUID(), ...wanted, publicKey };
    this.applications.put({ ...application, federatedCredentials: [...application.federatedCredentials, added] });
    return { federatedCredentialId: added.id, ...wanted };
  }
}

function unknown(reply: FastifyReply, { url }: FastifyRequest): FastifyReply {
  return reply.code(404).send({ error: `There is nothing at ${url}.` });
}

/** Whether a certificate or key is valid shows only when it is read: what is wrong with it becomes the problem of its field. */
function readField<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ControlInputError(`${field}: ${problem}`, [{ field, problem }]);
  }
}
