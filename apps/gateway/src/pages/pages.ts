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

/** Renders pages on the server: they work without scripts. Templates escape whatever is put into them. */
@Injectable()
export class Pages {
  private readonly eta = new Eta({ views: join(__dirname), cache: true, autoEscape: true });

  /** A page that only says something. */
  send(reply: FastifyReply, name: MessageName, { purchaseId = null }: { purchaseId?: string | null } = {}): FastifyReply {
    const page: MessagePage = messagePages[name];
    const html = this.eta.render('message', { ...this.frame(), page, name, href: hrefOf(page, purchaseId) });
    if (page.status === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
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

const RETRY_AFTER_SECONDS = 10;

function hrefOf({ action }: MessagePage, purchaseId: string | null): string {
  if (action?.leadsTo === 'sign-in') return purchaseId ? `/signin?purchase=${purchaseId}` : '/signin';
  return purchaseId ? `/purchase/${purchaseId}` : '/';
}
