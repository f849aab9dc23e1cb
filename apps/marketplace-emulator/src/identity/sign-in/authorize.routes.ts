import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Installation } from '../../installation/installation';
import { limits } from '../../limits';
import type { Directory } from '../../people/directory';
import { belongsTo, type People } from '../../people/people';
import { consumerTenantId, type Person } from '../../people/person';
import type { SettingsRepository } from '../../settings/settings.repository';
import type { Views } from '../../views/views';
import type { AuthorizationCodes } from './authorization.codes';
import { checkAuthorizeRequest, ReportableError, type AuthorizeRequest, type ReturnAddress } from './authorize.request';
import { EntraError, entraErrors } from '../entra.error';
import type { SignInClients } from './sign-in.clients';
import { kindsAt, readNewPerson } from './sign-in.form';

type SignInRequest = FastifyRequest<{ Params: { tenant: string } }>;

/**
 * The sign-in page: a person is chosen from a list, there is no password. It keeps no session and sets no cookie: the request to sign in
 * stays in the page's address, and is checked again when a person was chosen.
 */
export class AuthorizeRoutes {
  constructor(
    private readonly installation: Pick<Installation, 'operatorsAudience'>,
    private readonly clients: SignInClients,
    private readonly settings: SettingsRepository,
    private readonly people: People,
    private readonly directory: Directory,
    private readonly codes: Pick<AuthorizationCodes, 'issue'>,
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
      const query = new URLSearchParams(request.url.split('?', 2)[1] ?? '');
      const { operatorsAudience } = this.installation;
      return act(checkAuthorizeRequest(query, request.params.tenant, this.clients, this.settings.current, operatorsAudience));
    } catch (error) {
      if (error instanceof ReportableError)
        return this.sendBack(reply, error.to, { error: error.reason.error, error_description: error.reason.message });
      if (error instanceof EntraError) return this.views.page(reply.code(error.status), 'sign-in-error', { message: error.message });
      throw error;
    }
  }

  private show(request: SignInRequest, reply: FastifyReply, wanted: AuthorizeRequest, problem: string | null = null): unknown {
    const { tenant } = request.params;
    return this.views.page(reply, 'sign-in', {
      action: request.url,
      problem,
      people: this.offered(wanted, tenant).slice(0, limits.signInPagePeople),
      loginHint: wanted.loginHint ?? '',
      furtherPermissions: wanted.furtherPermissions,
      kinds: wanted.client.audience === 'customers' ? kindsAt(tenant) : null,
      isOneTenant: this.isOneTenant(tenant),
    });
  }

  /** People who fit the application's hints come first, or alone; a hint that fits no one is ignored. */
  private offered({ client, loginHint, domainHint }: AuthorizeRequest, tenant: string): Person[] {
    const all = client.audience === 'customers' ? this.directory.customersOf(tenant) : this.directory.operatorsOf(tenant);
    const hinted = domainHint ? all.filter((person) => fitsDomain(person, domainHint.toLowerCase())) : all;
    const people = hinted.length > 0 ? hinted : all;
    const isMeant = (person: Person) => person.userPrincipalName.toLowerCase() === loginHint?.toLowerCase();
    return [...people.filter(isMeant), ...people.filter((person) => !isMeant(person))];
  }

  private choose(request: SignInRequest, reply: FastifyReply, wanted: AuthorizeRequest): unknown {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    if (form.has('cancel')) throw new ReportableError(entraErrors.cancelled(), wanted);
    const person = this.personIn(form, request.params.tenant, wanted);
    if (typeof person === 'string') return this.show(request, reply.code(400), wanted, person);
    if (!belongsTo(person, request.params.tenant)) throw new ReportableError(entraErrors.personElsewhere(), wanted);
    if (wanted.furtherPermissions.length > 0 && this.settings.current.furtherPermissions === 'refused')
      throw new ReportableError(entraErrors.adminConsent(wanted.furtherPermissions), wanted);
    const { client, redirectUri, codeChallenge, nonce, scope } = wanted;
    return this.sendBack(reply, wanted, {
      code: this.codes.issue({ clientId: client.registration.id, redirectUri, codeChallenge, nonce, scope, personId: person.id }),
    });
  }

  /** The person who was chosen or added; else the problem to show on the page. */
  private personIn(form: URLSearchParams, tenant: string, { client }: AuthorizeRequest): Person | string {
    if (form.has('add') && client.audience === 'customers') {
      const wanted = readNewPerson(form, tenant, this.people);
      return 'problem' in wanted ? wanted.problem : this.people.add(wanted);
    }
    const chosen = form.get('person') ?? '';
    return (client.audience === 'customers' ? this.people.get(chosen) : this.directory.get(chosen)) ?? 'Choose somebody.';
  }

  private isOneTenant(tenant: string): boolean {
    return !['common', 'organizations', 'consumers', consumerTenantId].includes(tenant.toLowerCase());
  }

  private sendBack(reply: FastifyReply, to: ReturnAddress, parameters: Record<string, string>): unknown {
    const answer = to.state === null ? parameters : { ...parameters, state: to.state };
    if (to.responseMode === 'form_post') return this.views.page(reply, 'form-post', { action: to.redirectUri, parameters: answer });
    const separator = to.responseMode === 'fragment' ? '#' : to.redirectUri.includes('?') ? '&' : '?';
    return reply.redirect(`${to.redirectUri}${separator}${new URLSearchParams(answer)}`, 303);
  }
}

function fitsDomain(person: Person, hint: string): boolean {
  if (hint === 'consumers' || hint === 'organizations') return belongsTo(person, hint);
  return person.userPrincipalName.toLowerCase().endsWith(`@${hint}`);
}
