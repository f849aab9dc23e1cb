import { CatalogInForce } from '@landfall/catalog';
import { stableId } from '@landfall/contracts';
import { UnitOfWork } from '@landfall/messaging';
import { Clock, Keyring, Public } from '@landfall/service-defaults';
import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fieldOf } from '../form';
import { browserOf, hashOf } from '../landing/browser';
import type { Landing } from '../landing/landing';
import { LandingStore } from '../landing/landing.store';
import { open } from '../landing/opening.domain';
import { PageRenderer } from '../pages/page.renderer';
import { purchaseView } from '../pages/purchase.view';
import { ProjectionRepository } from '../projection/projection.repository';
import { Sessions, type Session } from '../signin/sessions';
import type { UsageCount } from '../usage/usage';
import { UsageRepository } from '../usage/usage.repository';
import { confirm } from './confirmation.domain';
import { errorsOf, readForm, type ConfirmationForm, type FormErrors } from './confirmation.form';
import type { Purchase } from './purchase';
import { isGuid } from './purchase-id';
import { pageOf, type PurchasePage } from './purchase-page.domain';
import { PurchaseRepository } from './purchase.repository';

/**
 * The purchase in the customer's browser: what was bought, the form, how the set-up goes on. Only the browser that came with the token sees
 * it, only when somebody is signed in, and anything of the subscription only when that person may.
 */
@Public()
@Controller('purchase')
export class PurchaseController {
  constructor(
    private readonly landings: LandingStore,
    private readonly purchases: PurchaseRepository,
    private readonly projections: ProjectionRepository,
    private readonly sessions: Sessions,
    private readonly unitOfWork: UnitOfWork,
    private readonly keyring: Keyring,
    private readonly pages: PageRenderer,
    private readonly catalog: CatalogInForce,
    private readonly usage: UsageRepository,
    private readonly clock: Clock,
  ) {}

  @Get(':purchaseId')
  async show(@Param('purchaseId') purchaseId: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const browser = browserOf(request);
    if (!browser || !isGuid(purchaseId)) return this.pages.send(reply, 'elsewhere');
    const isOpened = await this.purchases.cameWith(purchaseId, hashOf(browser));
    const landing = isOpened ? undefined : this.landings.find(request, purchaseId);
    if (!isOpened && !landing) return this.pages.send(reply, 'elsewhere');
    const session = await this.sessions.of(request);
    if (!session) return reply.redirect(`/signin?purchase=${purchaseId}`, 303);
    if (landing) await this.open(landing, browser, session);
    this.landings.forget(request, reply, purchaseId);
    const shown = await this.read(purchaseId, session);
    return shown ? this.sendPage(reply, shown, session) : this.pages.send(reply, 'not-found');
  }

  /** A reload, a double click, two tabs, twenty requests at once: the first one counts, all of them lead to the page. */
  @Post('confirm')
  async confirm(@Body() body: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const purchaseId = fieldOf(body, 'purchaseId');
    const browser = browserOf(request);
    const isHere = browser && isGuid(purchaseId) && (await this.purchases.cameWith(purchaseId, hashOf(browser)));
    if (!isHere) return this.pages.send(reply, 'elsewhere');
    const session = await this.sessions.of(request);
    if (!session) return this.pages.send(reply, 'signin-ended', { purchaseId });
    if (!this.sessions.isProven(request, proofPurpose(purchaseId), fieldOf(body, 'csrf')))
      return this.pages.send(reply, 'form-expired', { purchaseId });

    const shown = await this.read(purchaseId, session);
    if (shown?.page.state === 'forbidden') return this.sendPage(reply, shown, session);
    const subscriptionId = shown?.purchase.subscriptionId;
    if (shown?.page.state === 'form' && subscriptionId) {
      const form = readForm(body);
      const errors = errorsOf(form);
      if (Object.keys(errors).length > 0) return this.sendPage(reply, shown, session, { form, errors });
      await this.commit(subscriptionId, purchaseId, session, form);
    }
    return reply.redirect(`/purchase/${purchaseId}`, 303);
  }

  private async commit(subscriptionId: string, purchaseId: string, { person }: Session, form: ConfirmationForm): Promise<void> {
    const { tenantId, objectId } = person;
    const encryptedContact = await this.keyring.encryptFor('subscription', JSON.stringify({ email: form.email, name: form.name }));
    const confirmedAt = (await this.purchases.now()).toISOString();
    const confirmation = { purchaseId, person: { tenantId, objectId }, encryptedContact, answers: { acceptedTerms: 'yes' }, confirmedAt };
    await this.unitOfWork.transaction(subscriptionId, {
      cause: { id: stableId('confirm', purchaseId), correlationId: purchaseId },
      load: (tx) => this.projections.lock(tx, [subscriptionId]),
      decide: (change) => confirm(change, confirmation),
      save: (tx, changes) => this.projections.save(tx, changes),
    });
  }

  /** The first signed-in visit opens the purchase: now, and never before, is Microsoft asked what it is. @throws TooMany */
  private async open(landing: Landing, browser: string, { person }: Session): Promise<void> {
    const { purchaseId } = landing;
    const openedBy = { tenantId: person.tenantId, objectId: person.objectId };
    const opening = { landing, openedBy, openedAt: (await this.purchases.now()).toISOString() };
    await this.unitOfWork.transaction(purchaseId, {
      cause: { id: purchaseId },
      load: (tx) => this.purchases.lockOpening(tx, purchaseId, openedBy),
      decide: (known) => open(known, opening),
      save: (tx) => this.purchases.saveOpened(tx, opening, hashOf(browser)),
    });
  }

  private async read(purchaseId: string, { person }: Session): Promise<ShownPurchase | undefined> {
    const purchase = await this.purchases.read(purchaseId);
    const subscription = purchase?.subscriptionId ? await this.projections.read(purchase.subscriptionId) : undefined;
    if (!purchase) return undefined;
    const page = pageOf(purchase, subscription, person, (await this.purchases.now()).getTime());
    return { purchase, page, usage: await this.usageOf(page) };
  }

  /** Of a subscription that can be used, or could be until now. */
  private async usageOf(page: PurchasePage): Promise<readonly UsageCount[]> {
    if (page.state !== 'active' && page.state !== 'suspended') return [];
    return this.usage.read(page.subscription.subscriptionId, page.subscription.planId, this.clock.now());
  }

  private sendPage(
    reply: FastifyReply,
    { purchase, page, usage }: ShownPurchase,
    session: Session,
    returned?: { form: ConfirmationForm; errors: FormErrors },
  ) {
    const { person } = session;
    const { purchaseId } = purchase;
    const values = returned?.form ?? { email: person.email, name: person.name, acceptsTerms: false };
    const form = { proof: session.csrfFor(proofPurpose(purchaseId)), values, errors: returned?.errors ?? {} };
    const view = purchaseView({ page, purchaseId, plans: purchase.plans ?? [], person, form, catalog: this.catalog.current, usage });
    const status = returned ? 422 : page.state === 'forbidden' ? 403 : 200;
    return this.pages.sendPurchase(reply, status, view, { name: person.name || person.email, signoutProof: session.csrfFor('signout') });
  }
}

/** A purchase, and what its page shows of it to the person who is signed in. */
interface ShownPurchase {
  readonly purchase: Purchase;
  readonly page: PurchasePage;
  readonly usage: readonly UsageCount[];
}

/** A form proves that it is about this purchase: several in one browser stay apart. */
const proofPurpose = (purchaseId: string): string => `confirm ${purchaseId}`;
