import type { Installation } from '../installation/installation';
import type { Catalogue } from '../offers/catalogue';
import type { Collection } from '../state/document.store';
import type { Application } from './application';
import { certificateOf, secretOf, type ClientCertificate, type ClientSecret } from './credentials';

/** The secret that the installation itself has and `--json` prints. */
const givenSecretId = 'installation';

const isGiven = ({ id }: ClientSecret) => id === givenSecretId;

/** The offer of a subscription, or the subscription itself. */
type Offered = { offerId: string };

/** The publishers' applications. The first is the installation's own; offers belong to it unless they name another. */
export class Applications {
  constructor(
    private readonly applications: Collection<Application>,
    private readonly catalogue: Pick<Catalogue, 'offerOf'>,
    private readonly installation: Installation,
    /** Whether the first application is published to preview at the start; left out: as it was, and true at the very first. */
    publishedAtStart: boolean | undefined,
    /** A certificate of the first application, in PEM. */
    certificateAtStart?: string,
  ) {
    let isFirst = true;
    applications.whenLoaded(() => {
      const known = this.get(installation.clientId);
      const published = isFirst || !known ? publishedAtStart : known.publishedToPreview;
      this.putFirst(known, published ?? known?.publishedToPreview ?? true);
      if (certificateAtStart) this.addCertificate(this.first, certificateOf(certificateAtStart));
      isFirst = false;
    });
  }

  /** The application of this installation. */
  get first(): Application {
    return this.applications.get(this.installation.clientId) as Application; // put whenever documents are loaded, never removed
  }

  get size(): number {
    return this.applications.size;
  }

  get(clientId: string): Application | undefined {
    return this.applications.get(clientId.toLowerCase());
  }

  all(): Application[] {
    return [...this.applications.values()];
  }

  put(application: Application): Application {
    return this.applications.put(application);
  }

  /** Once, however often it is added. */
  addCertificate(application: Application, certificate: ClientCertificate): Application {
    const others = application.certificates.filter(({ id }) => id !== certificate.id);
    return this.put({ ...application, certificates: [...others, certificate] });
  }

  remove(application: Application): void {
    this.applications.delete(application.id);
  }

  /** The application whose offer it is: the audience of its webhooks, and the only one that may touch its subscriptions. */
  ownerOf(offered: Offered): Application {
    const owner = this.get(this.ownerIdOf(offered));
    if (!owner) throw new Error(`Application ${this.ownerIdOf(offered)} of offer ${offered.offerId} is not registered any more.`);
    return owner;
  }

  /** Contract 9.2, "Token binding": a subscription is there for the application of its offer alone; every other is answered 403. */
  mayUse(caller: Application, subscription: Offered): boolean {
    return this.ownerIdOf(subscription) === caller.id;
  }

  private ownerIdOf(offered: Offered): string {
    return this.catalogue.offerOf(offered).applicationId?.toLowerCase() ?? this.installation.clientId;
  }

  /** The installation's identity stays what it is, whatever a snapshot brings: client id, tenant, and the secret that it was given. */
  private putFirst(known: Application | undefined, publishedToPreview: boolean): void {
    const { tenantId, clientId, clientSecret, principalId } = this.installation;
    const [before, others] = [known?.secrets.find(isGiven), known?.secrets.filter((secret) => !isGiven(secret))];
    this.put({
      technicalTenantId: null,
      principalId,
      certificates: [],
      federatedCredentials: [],
      ...known,
      id: clientId,
      tenantId,
      publishedToPreview,
      secrets: [{ ...secretOf(clientSecret, before?.expiresAt), id: givenSecretId }, ...(others ?? [])],
    });
  }
}
