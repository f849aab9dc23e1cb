import { MarketplaceForbidden } from '@landfall/marketplace-client';

/** What came to one registration is about a subscription of another. Nothing may be asked about it with that registration's token. */
export class OtherRegistration extends Error {
  readonly code = 'OTHER_REGISTRATION';
  readonly retriable = false;

  constructor(
    readonly subscriptionId: string,
    /** To whose address it came. */
    readonly registration: string,
    /** To which registration the subscription belongs. */
    readonly boundTo: string,
  ) {
    super(`Subscription ${subscriptionId} belongs to registration ${boundTo}, and was named to registration ${registration}`);
    this.name = 'OtherRegistration';
  }
}

/** It could not be read in time to which registration a subscription belongs: the database is slow, and the work waits for it. */
export class RegistrationNotRead extends Error {
  readonly code = 'REGISTRATION_NOT_READ';
  readonly retriable = true;
  readonly isAway = true;

  constructor(cause: Error) {
    super(`it could not be read in time to which registration a subscription belongs: ${cause.message}`, { cause });
    this.name = 'RegistrationNotRead';
  }
}

/** As where Entra refuses to sign us in, all work of that registration waits for whoever corrects the settings. */
export class RegistrationNotConfigured extends MarketplaceForbidden {
  constructor(readonly registration: string) {
    super(`Registration ${registration} is not among the settings, so nothing can be asked for it: list it in REGISTRATIONS again`);
  }
}

/** Each registration's token is for its own subscriptions alone, so none may be tried. */
export const notAnnounced = (subscriptionId: string) =>
  new MarketplaceForbidden(
    `It is not known to which registration subscription ${subscriptionId} belongs, since no purchase and no webhook has named it yet: ` +
      'open its landing page from Microsoft once',
  );
