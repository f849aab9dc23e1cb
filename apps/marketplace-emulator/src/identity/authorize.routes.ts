import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Installation } from '../installation/installation';
import { limits } from '../limits';
import { belongsTo, type People } from '../people/people';
import { consumerTenantId, type Person } from '../people/person';
import type { SettingsBook } from '../settings/settings';
import type { Views } from '../views/views';
import type { AuthorizationCodes } from './authorization.codes';
import { checkAuthorizeRequest, ReportableError, type AuthorizeRequest } from './authorize.request';
import { EntraError, entraErrors } from './entra.error';

type SignInRequest = FastifyRequest<{ Params: { tenant: string } }>;

/**
 * The sign-in page: one chooses who one is, there is no password. It keeps no session and sets no cookie: the request to sign in stays in the page's address,
 * and is checked again when a person was chosen.
 */
export class AuthorizeRoutes {
  constructor(
    private readonly installation: Installation,
    private readonly settings: SettingsBook,
    private readonly people: People,
    private readonly codes: AuthorizationCodes,
    private readonly views: Views,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/:tenant/oauth2/v2.0/authorize', (request: SignInRequest, reply) =>
      this.guarded(request, reply, (wanted) => this.show(request, reply, wanted)),
    );
    server.post('/:tenant/oauth2/v2.0/authorize', (request: SignInRequest, reply) =>
      this.guarded(request, reply, (wanted) => this.choose(request, reply, wanted)),
    );
  }

  private guarded(request: SignInRequest, reply: FastifyReply, act: (wanted: AuthorizeRequest) => unknown): unknown {
    try {
      return act(checkAuthorizeRequest(queryOf(request), request.params.tenant, this.installation, this.settings));
    } catch (error) {
      if (error instanceof ReportableError)
        return this.sendBack(reply, error.to, { error: error.reason.error, error_description: error.reason.message });
      if (error instanceof EntraError) return this.views.page(reply.code(error.status), 'sign-in-error', { message: error.message });
      throw error;
    }
  }

  private show(request: SignInRequest, reply: FastifyReply, { loginHint }: AuthorizeRequest): unknown {
    const people = this.people.ofTenant(request.params.tenant);
    const hinted = people.filter((person) => person.userPrincipalName === loginHint);
    const others = people.filter((person) => person.userPrincipalName !== loginHint);
    const offered = [...hinted, ...others].slice(0, limits.signInPagePeople);
    return this.views.page(reply, 'sign-in', { action: request.url, people: offered, consumerTenantId });
  }

  private choose(request: SignInRequest, reply: FastifyReply, wanted: AuthorizeRequest): unknown {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    if (form.has('cancel')) throw new ReportableError(entraErrors.cancelled(), wanted);
    const person = form.has('add') ? this.addPerson(form) : this.people.get(form.get('person') ?? '');
    if (!person) return this.show(request, reply.code(400), wanted);
    if (!belongsTo(person, request.params.tenant)) throw new ReportableError(entraErrors.personElsewhere(), wanted);
    const { clientId, redirectUri, codeChallenge, nonce, scope } = wanted;
    return this.sendBack(reply, wanted, {
      code: this.codes.issue({ clientId, redirectUri, codeChallenge, nonce, scope, personId: person.id }),
    });
  }

  private addPerson(form: URLSearchParams): Person | undefined {
    const emailId = form.get('emailId')?.trim();
    if (!emailId || emailId.length > 320 || this.people.isFull()) return undefined;
    return this.people.add({
      emailId,
      displayName: form.get('displayName')?.trim().slice(0, 200) || undefined,
      tenantId: form.get('kind') === 'personal' ? consumerTenantId : this.tenantOfColleagues(emailId),
    });
  }

  /** Whoever has an address of a known organisation is a colleague there; a new address is a new organisation. */
  private tenantOfColleagues(emailId: string): string | undefined {
    const domain = emailId.split('@')[1]?.toLowerCase();
    const colleague = this.people
      .all()
      .find((person) => person.tenantId !== consumerTenantId && person.userPrincipalName.toLowerCase().endsWith(`@${domain}`));
    return colleague?.tenantId;
  }

  private sendBack(
    reply: FastifyReply,
    to: Pick<AuthorizeRequest, 'redirectUri' | 'responseMode' | 'state'>,
    parameters: Record<string, string>,
  ): unknown {
    const answer = to.state === null ? parameters : { ...parameters, state: to.state };
    if (to.responseMode === 'form_post') return this.views.page(reply, 'form-post', { action: to.redirectUri, parameters: answer });
    const separator = to.redirectUri.includes('?') ? '&' : '?';
    return reply.redirect(`${to.redirectUri}${separator}${new URLSearchParams(answer)}`, 303);
  }
}

function queryOf(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(request.url.split('?', 2)[1] ?? '');
}
