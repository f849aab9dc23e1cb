import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { landfallDir } from '@landfall/local';
import { chromium as playwright, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { patience } from './eventually';

/** The package unpacks its browser into the temporary folder of its process: here one of ours, so that it is unpacked once and found again. */
async function unpackedBrowser(): Promise<string> {
  const dir = join(landfallDir, 'browser');
  mkdirSync(dir, { recursive: true });
  const program = "import('@sparticuz/chromium').then(async ({ default: chromium }) => console.log(await chromium.executablePath()))";
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { cwd: __dirname, env: { ...process.env, TMPDIR: dir } });
  return stdout.trim();
}

/** A real browser from npm, so that nothing has to be installed by hand. */
export class CustomerBrowser {
  private browser?: Browser;

  async start(): Promise<void> {
    this.browser = await playwright.launch({
      executablePath: await unpackedBrowser(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
      headless: true,
    });
  }

  /** A person with a browser of their own: no cookie is shared. */
  async customer(): Promise<Customer> {
    const context = await this.browser!.newContext({ viewport: { width: 1200, height: 900 } });
    context.setDefaultTimeout(patience);
    return new Customer(context, await context.newPage());
  }

  async stop(): Promise<void> {
    await this.browser?.close();
  }
}

/** What a customer does: follows links, chooses themself at Microsoft's sign-in, fills the form, reads the page. */
export class Customer {
  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  /** Opens the link and signs in as the person, unless this browser is signed in already. */
  async arrive(landingUrl: string, person: string): Promise<void> {
    await this.page.goto(landingUrl);
    const choice = this.page.getByTestId(`person-${person}`);
    const page = this.page.getByTestId('purchase-state');
    await choice.or(page).first().waitFor();
    if (await choice.isVisible()) await choice.click();
    await page.waitFor().catch(async (error: unknown) => {
      const shown = await this.page.locator('body').innerText();
      throw new Error(`the page of the purchase did not come; ${this.page.url()} shows: ${shown.slice(0, 1_000)}`, { cause: error });
    });
  }

  async fillForm(contact: { name: string; email: string }): Promise<void> {
    await this.page.getByTestId('confirm-form').waitFor();
    await this.page.getByTestId('contact-name').fill(contact.name);
    await this.page.getByTestId('contact-email').fill(contact.email);
    await this.page.getByTestId('accept-terms').check();
  }

  async confirm(): Promise<void> {
    await this.page.getByTestId('confirm').click();
  }

  async state(): Promise<string> {
    return (await this.page.getByTestId('purchase-state').textContent()) ?? '';
  }

  async leave(): Promise<void> {
    await this.context.close();
  }
}
