import { catalogSettings } from '@landfall/catalog';
import { registrationProblems, registrations } from '@landfall/contracts';
import { kafkaProblems, messagingSettings } from '@landfall/messaging';
import { defineConfig, isoDuration, json, networks, port, secret, serviceSettings, url, type ValuesOf } from '@landfall/service-defaults';
import { z } from 'zod';

/** Microsoft's own application in every tenant: the caller in webhook tokens (contract 0.2). */
const MARKETPLACE_APPLICATION = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

/** The least that lets a decision come back, and what leaves Microsoft's ten seconds (contract 4.5) a second for the way. */
const HOLD_LIMITS_MS = { min: 100, max: 9_000 };

const settings = {
  ...serviceSettings,
  ...messagingSettings,
  ...catalogSettings,
  /** Where customers and Microsoft connect. */
  PORT: port(8080),
  /** The address by which customers and Microsoft reach it: cookies, redirects and the sign-in's redirect URI are made for it. */
  PUBLIC_URL: url('http://localhost:8080'),
  /**
   * Addresses and networks of the proxies in front, whose `X-Forwarded-*` headers are believed. Everybody behind them shares their address,
   * Microsoft included, so nothing is limited by it: behind an ingress this must be set.
   */
  TRUSTED_PROXIES: networks(),

  /** The registration for customers' sign-in: work accounts of every tenant and personal accounts (contract 2.4). */
  SIGNIN_AUTHORITY_URL: url('https://login.microsoftonline.com/common/v2.0'),
  /** That registration's application. */
  SIGNIN_CLIENT_ID: z.string().min(1),
  /** By which it signs in, to turn a code into tokens. */
  SIGNIN_CLIENT_SECRET: secret(),
  /** How long a customer stays signed in, whatever they do. */
  SESSION_LIFE: isoDuration('PT8H'),

  /** Issuers and keys of webhook tokens come from both discovery documents of a publisher's tenant (contract 2.3). */
  ENTRA_AUTHORITY_URL: url('https://login.microsoftonline.com'),
  /** Microsoft's application that calls the webhook. */
  MARKETPLACE_APP_ID: z.guid().toLowerCase().default(MARKETPLACE_APPLICATION),
  /** The registration whose landing page and webhook need no name in their address. Not set where all are listed in REGISTRATIONS. */
  PUBLISHER_TENANT_ID: z.guid().toLowerCase().optional(),
  /** Its application, as Entra writes it in tokens. */
  PUBLISHER_CLIENT_ID: z.string().min(1).toLowerCase().optional(),
  /** The audience of its webhook tokens; PUBLISHER_CLIENT_ID where it is not set. */
  WEBHOOK_AUDIENCE: z.string().min(1).optional(),
  /** How long the answer to a change waits for its decision, from the receipt on; then it is 503, and Microsoft comes again (contract 4.4, 4.5). */
  WEBHOOK_HOLD_LIMIT: isoDuration('PT4S').refine(
    (ms) => ms >= HOLD_LIMITS_MS.min && ms <= HOLD_LIMITS_MS.max,
    'it must be from PT0.1S to PT9S, since Microsoft decides by itself after ten seconds',
  ),
  /** Further registrations, at `/landing/{name}` and `/webhook/{name}`. Their credentials are read by fulfillment alone. */
  REGISTRATIONS: json(registrations, '[]'),

  /** Shown on every page. */
  VENDOR_NAME: z.string().min(1).max(80).default('Landfall'),
  /** Where the product itself is opened, for the page of an active subscription. */
  PRODUCT_URL: url().optional(),
  /** Where a customer finds the terms of use. A page leaves out what is not set. */
  TERMS_URL: url().optional(),
  /** Where a customer finds the privacy notice. */
  PRIVACY_URL: url().optional(),
  /** Where a customer finds help. */
  SUPPORT_URL: url().optional(),
};

export type GatewayValues = ValuesOf<typeof settings>;

export const config = defineConfig('gateway', settings, (values) => [...registrationProblems(values), ...kafkaProblems(values)]);
