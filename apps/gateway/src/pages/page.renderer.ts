import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Eta } from 'eta';
import type { FastifyReply } from 'fastify';
import { config } from '../gateway.config';
import { messagePages, type MessageName, type MessagePage } from './messages';
import type { PurchaseView } from './purchase.view';

/** Where the person at hand is signed in, and the proof for the sign-out form. */
export interface SignedInView {
  readonly name: string;
  readonly signoutProof: string;
}

/** What a page that only says something adds to its fixed words. */
export interface MessageDetails {
  /** Where its button leads. */
  readonly purchaseId?: string | null;
  /** A sentence for the customer, put before the others. */
  readonly reason?: string;
  /** When the browser may ask again; ten seconds later where a 503 does not say. */
  readonly retryAfterMs?: number;
}

/** Renders pages on the server: they work without scripts. Templates escape whatever is put into them. */
@Injectable()
export class PageRenderer {
  private readonly eta = new Eta({ views: join(__dirname), cache: true, autoEscape: true });

  /** A page that only says something. */
  send(reply: FastifyReply, name: MessageName, { purchaseId = null, reason, retryAfterMs }: MessageDetails = {}): FastifyReply {
    const message: MessagePage = messagePages[name];
    const page = { ...message, paragraphs: reason ? [reason, ...message.paragraphs] : message.paragraphs };
    const html = this.eta.render('message', { ...this.frame(), page, name, href: hrefOf(page, purchaseId) });
    const waitMs = retryAfterMs ?? (page.status === 503 ? RETRY_AFTER_MS : undefined);
    if (waitMs !== undefined) void reply.header('retry-after', Math.ceil(waitMs / 1000));
    return this.sendHtml(reply, page.status, html);
  }

  sendPurchase(reply: FastifyReply, status: number, view: PurchaseView, signedIn: SignedInView): FastifyReply {
    return this.sendHtml(reply, status, this.eta.render('purchase', { ...this.frame(), signedIn, view }));
  }

  /** What is on every page. */
  private frame() {
    const { VENDOR_NAME, PRODUCT_URL, TERMS_URL, PRIVACY_URL, SUPPORT_URL } = config.values;
    return {
      vendorName: VENDOR_NAME,
      productUrl: PRODUCT_URL,
      termsUrl: TERMS_URL,
      privacyUrl: PRIVACY_URL,
      supportUrl: SUPPORT_URL,
      signedIn: null,
    };
  }

  private sendHtml(reply: FastifyReply, status: number, html: string): FastifyReply {
    return reply.status(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html);
  }
}

const RETRY_AFTER_MS = 10_000;

function hrefOf({ action }: MessagePage, purchaseId: string | null): string {
  if (action?.leadsTo === 'sign-in') return purchaseId ? `/signin?purchase=${purchaseId}` : '/signin';
  return purchaseId ? `/purchase/${purchaseId}` : '/';
}
